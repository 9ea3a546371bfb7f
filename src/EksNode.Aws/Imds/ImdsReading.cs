using EksNode.Configuration.Text;

namespace EksNode.Aws.Imds;

/// <summary>One key of IMDS and what is known about its answers.</summary>
/// <param name="Path">The path below the endpoint: <c>latest/meta-data/mac</c>.</param>
public sealed record ImdsKey(string Path)
{
    /// <summary>Whether every instance has the key, so that 404 is a passing mistake and not an answer.</summary>
    public bool Always { get; init; }

    /// <summary>How long 404 is asked again; null: as long as the other passing mistakes. Only where <see cref="Always"/>.</summary>
    public TimeSpan? AbsencePatience { get; init; }

    /// <summary>Whether an answer is what the key holds; null: it may be anything.</summary>
    public Func<ReadOnlyMemory<byte>, bool>? IsValid { get; init; }

    /// <summary>The user data.</summary>
    public static ImdsKey UserData { get; } = new("latest/user-data");

    /// <summary>The instance identity document: id, type, region, availability zone.</summary>
    public static ImdsKey IdentityDocument { get; } =
        new("latest/dynamic/instance-identity/document") { Always = true, IsValid = b => ImdsText.Identity(b) is not null };

    /// <summary>The MAC address of the primary interface.</summary>
    public static ImdsKey Mac { get; } = new("latest/meta-data/mac") { Always = true, IsValid = b => ImdsText.Mac(b) is not null };

    /// <summary>The primary private IPv4 address; an instance in an IPv6-only subnet has none.</summary>
    public static ImdsKey LocalIpv4 { get; } = new("latest/meta-data/local-ipv4") { IsValid = b => ImdsText.Ipv4(b) is not null };

    /// <summary>The name of the instance profile's role; an instance without a profile has none.</summary>
    public static ImdsKey RoleName { get; } =
        new("latest/meta-data/iam/security-credentials/") { IsValid = b => ImdsText.RoleName(b) is not null };

    /// <summary>The IPv6 addresses of an interface; an interface without any has no such key.</summary>
    public static ImdsKey Ipv6s(string mac) =>
        new($"latest/meta-data/network/interfaces/macs/{mac}/ipv6s") { IsValid = b => ImdsText.Ipv6s(b) is not null };

    /// <summary>The networks of an interface's VPC, of one family; without any there is no such key.</summary>
    /// <param name="mac">The interface.</param>
    /// <param name="family"><c>ipv4</c> or <c>ipv6</c>.</param>
    public static ImdsKey VpcCidrs(string mac, string family) =>
        new($"latest/meta-data/network/interfaces/macs/{mac}/vpc-{family}-cidr-blocks") { IsValid = b => ImdsText.Cidrs(b) is not null };

    /// <summary>The private IPv4 addresses of an interface; one in an IPv6-only subnet has no such key.</summary>
    public static ImdsKey Ipv4s(string mac) =>
        new($"latest/meta-data/network/interfaces/macs/{mac}/local-ipv4s") { IsValid = b => ImdsText.Ipv4s(b) is not null };

    /// <summary>The device index of an interface. Every interface has one, but not before IMDS knows of the interface.</summary>
    public static ImdsKey DeviceNumber(string mac) =>
        new($"latest/meta-data/network/interfaces/macs/{mac}/device-number") { Always = true, IsValid = b => ImdsText.Index(b) is not null };

    /// <summary>The network card of an interface; instance types with one card do not have the key.</summary>
    public static ImdsKey NetworkCard(string mac) =>
        new($"latest/meta-data/network/interfaces/macs/{mac}/network-card") { IsValid = b => ImdsText.Index(b) is not null };

    /// <summary>The MAC addresses of the interfaces that are attached, one a line with a slash.</summary>
    public static ImdsKey Macs { get; } = new("latest/meta-data/network/interfaces/macs/") { IsValid = b => ImdsText.Macs(b) is not null };

    /// <summary>The credentials of a role.</summary>
    public static ImdsKey RoleCredentials(string role) =>
        new("latest/meta-data/iam/security-credentials/" + Uri.EscapeDataString(role)) { Always = true };
}

/// <summary>What a read of IMDS came to.</summary>
public abstract record ImdsReading;

/// <summary>The value of a key.</summary>
/// <param name="Bytes">The value.</param>
public sealed record ImdsValue(ReadOnlyMemory<byte> Bytes) : ImdsReading
{
    /// <summary>The length alone: the value may be a credential.</summary>
    public override string ToString() => $"{Bytes.Length} bytes";
}

/// <summary>The key does not exist: 404.</summary>
public sealed record ImdsAbsent : ImdsReading;

/// <summary>The key could not be read.</summary>
/// <param name="Diagnostic">What to tell the user; it names the request.</param>
/// <param name="Reason">Why, as a clause: <c>connection refused</c>.</param>
public sealed record ImdsFailure(Diagnostic Diagnostic, string Reason) : ImdsReading;
