# Shared by the scripts: where things are, and what they need on a machine that has only the .NET SDK.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
artifacts=$root/artifacts

# need COMMAND PACKAGE…: installs the Debian packages when the command is missing.
need() {
  local command=$1
  shift
  command -v "$command" >/dev/null 2>&1 && return
  if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
    echo "$command is missing: install $*" >&2
    exit 1
  fi
  echo "installing $*" >&2
  [ -n "${apt_updated:-}" ] || apt-get update -qq >&2
  apt_updated=1
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# step NAME COMMAND…: runs it and says how long it took.
step() {
  local name=$1 began=$SECONDS
  shift
  echo "==> $name"
  "$@"
  echo "    $name: $((SECONDS - began)) s"
}
