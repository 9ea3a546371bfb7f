# An Amazon Machine Image of an EKS node, from one ImageConfig.
#
# `eksnode image packer -c IMAGE -o DIR` writes this template into DIR with all that it needs: what follows from the lock
# (eksnode.auto.pkrvars.json), the documents and the lock (image/), and eksnode for the processor of the image. Then:
#
#   packer init DIR && packer build DIR
#
# The versions, the image's manifest and its SBOM come back into DIR/result/.

packer {
  required_version = ">= 1.7.0"
  required_plugins {
    # The first with imds_support, and with sessions that outlive a reboot.
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = ">= 1.2.2"
    }
  }
}

# What follows from the ImageConfig: eksnode.auto.pkrvars.json.

variable "architecture" {
  type = string
}

variable "image_name" {
  type = string
}

variable "image_description" {
  type = string
}

variable "source_ami_owner" {
  type = string
}

variable "source_ami_name" {
  type = string
}

# The root volume, /dev/xvda, is always among them. Null: EC2's own default.
variable "volumes" {
  type = list(object({
    device     = string
    size       = number
    type       = string
    encrypted  = bool
    iops       = number
    throughput = number
    kmsKey     = string
  }))
}

variable "tags" {
  type = map(string)
}

# What depends on the account.

variable "region" {
  description = "Where the image is made; unset: the region of the environment or of the AWS profile."
  type        = string
  default     = null
}

variable "subnet_id" {
  description = "The subnet of the builder instance; unset: one of the default VPC."
  type        = string
  default     = ""
}

variable "instance_type" {
  description = "The instance type of the builder instance; unset: one for the processor of the image."
  type        = string
  default     = ""
}

variable "ssh_interface" {
  description = "How Packer reaches the builder instance: session_manager, which needs no open port, or public_ip, private_ip, public_dns, private_dns."
  type        = string
  default     = "session_manager"
}

variable "iam_instance_profile" {
  description = "The instance profile of the builder instance; unset: with session_manager a temporary one is made."
  type        = string
  default     = ""
}

variable "kms_key_id" {
  description = "The KMS key that encrypts the volumes for which the ImageConfig names none; unset: the account's default key of EBS. To share an image needs a key of your own."
  type        = string
  default     = ""
}

variable "root_volume_size" {
  description = "The size of the root volume, in GiB; unset: that of the ImageConfig, or 20."
  type        = number
  default     = 0
}

variable "ami_regions" {
  description = "The regions that the image is copied to."
  type        = list(string)
  default     = []
}

variable "ami_users" {
  description = "The accounts that may use the image."
  type        = list(string)
  default     = []
}

locals {
  instance_types = {
    x86_64 = "m7i.large"
    arm64  = "m7g.large"
  }
  uses_session_manager = var.ssh_interface == "session_manager"
  tags = merge(var.tags, {
    "Name"                    = var.image_name
    "eksnode:source-ami"      = "{{ .SourceAMI }}"
    "eksnode:source-ami-name" = "{{ .SourceAMIName }}"
  })

  # Scripts are read, not executed: a hardened /tmp has noexec after the reboot. /var/tmp outlives it.
  execute_command = "{{ .Vars }} sh '{{ .Path }}'"
  folder          = "/var/tmp/eksnode-image"
  document        = "${local.folder}/image.yaml"
  apply           = "sudo eksnode image apply -c ${local.document} --lock-file ${local.folder}/image.lock.json"
}

source "amazon-ebs" "node" {
  ami_name                = "${var.image_name}-${formatdate("YYYYMMDDhhmmss", timestamp())}"
  ami_description         = var.image_description
  ami_virtualization_type = "hvm"
  ami_regions             = var.ami_regions
  ami_users               = var.ami_users
  snapshot_users          = var.ami_users
  imds_support            = "v2.0"

  region               = var.region
  subnet_id            = var.subnet_id
  instance_type        = var.instance_type == "" ? local.instance_types[var.architecture] : var.instance_type
  iam_instance_profile = var.iam_instance_profile
  shutdown_behavior    = "terminate"

  source_ami_filter {
    filters = {
      architecture        = var.architecture
      name                = var.source_ami_name
      root-device-type    = "ebs"
      state               = "available"
      virtualization-type = "hvm"
    }
    owners      = [var.source_ami_owner]
    most_recent = true
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  # 3000 and 125 are what every gp3 volume has; they cost nothing. Null is EC2's own default of another type.
  dynamic "launch_block_device_mappings" {
    for_each = var.volumes
    iterator = volume
    content {
      device_name           = volume.value.device
      volume_type           = volume.value.type
      volume_size           = volume.value.device == "/dev/xvda" && var.root_volume_size > 0 ? var.root_volume_size : volume.value.size
      iops                  = volume.value.iops != null ? volume.value.iops : volume.value.type == "gp3" ? 3000 : null
      throughput            = volume.value.throughput != null ? volume.value.throughput : volume.value.type == "gp3" ? 125 : null
      encrypted             = volume.value.encrypted
      kms_key_id            = volume.value.kmsKey != null ? volume.value.kmsKey : volume.value.encrypted ? var.kms_key_id : ""
      delete_on_termination = true
    }
  }

  communicator            = "ssh"
  ssh_username            = "ec2-user"
  ssh_interface           = var.ssh_interface
  ssh_timeout             = "15m"
  temporary_key_pair_type = "ed25519"

  # The minimal images of Amazon Linux have no SSM agent.
  user_data = local.uses_session_manager ? "#cloud-config\npackages: [amazon-ssm-agent]\nruncmd: [[systemctl, enable, --now, amazon-ssm-agent]]\n" : ""

  # Of the managed policy AmazonSSMManagedInstanceCore, what the agent needs for a session.
  dynamic "temporary_iam_instance_profile_policy_document" {
    for_each = local.uses_session_manager && var.iam_instance_profile == "" ? ["session"] : []
    content {
      Version = "2012-10-17"
      Statement {
        Effect = "Allow"
        Action = [
          "ssm:UpdateInstanceInformation",
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ]
        Resource = ["*"]
      }
    }
  }

  # Snapshots of a large volume take longer than Packer waits by itself.
  aws_polling {
    delay_seconds = 30
    max_attempts  = 240
  }

  tags            = local.tags
  snapshot_tags   = local.tags
  run_tags        = { Name = "${var.image_name} builder" }
  run_volume_tags = { Name = "${var.image_name} builder" }
}

build {
  sources = ["source.amazon-ebs.node"]

  # Documents may hold credentials.
  provisioner "shell" {
    inline = ["mkdir -m 0700 ${local.folder}"]
  }

  provisioner "file" {
    source      = "${path.root}/image/"
    destination = local.folder
  }

  provisioner "file" {
    source      = "${path.root}/eksnode"
    destination = "${local.folder}/eksnode"
  }

  provisioner "shell" {
    inline = ["sudo install -m 0755 -o root -g root ${local.folder}/eksnode /usr/bin/eksnode"]
  }

  provisioner "shell" {
    inline = [local.apply]
  }

  provisioner "shell" {
    inline            = ["sudo systemctl reboot"]
    execute_command   = local.execute_command
    expect_disconnect = true
  }

  provisioner "shell" {
    inline          = ["sudo eksnode image validate -c ${local.document}"]
    execute_command = local.execute_command
    pause_before    = "30s"
  }

  provisioner "shell" {
    inline          = ["sudo eksnode image sbom --format spdx -o ${local.folder}/sbom.spdx.json"]
    execute_command = local.execute_command
  }

  # What comes back must be readable for who is logged in.
  provisioner "shell" {
    inline          = ["sudo install -m 0644 -D -t ${local.folder}/result /etc/eksnode/image.json /etc/eksnode/image.lock.json ${local.folder}/sbom.spdx.json"]
    execute_command = local.execute_command
  }

  provisioner "file" {
    direction = "download"
    sources = [
      "${local.folder}/result/image.json",
      "${local.folder}/result/image.lock.json",
      "${local.folder}/result/sbom.spdx.json",
    ]
    destination = "${path.root}/result/"
  }

  # The reboot gave the builder instance an identity, keys and logs of its own: applying again takes them out, and changes nothing else.
  provisioner "shell" {
    inline          = ["${local.apply} && sudo rm -rf ${local.folder}"]
    execute_command = local.execute_command
  }

  post-processor "manifest" {
    output     = "${path.root}/result/packer-manifest.json"
    strip_path = true
  }
}
