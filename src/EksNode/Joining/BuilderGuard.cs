using System.Security.Cryptography;
using System.Text;
using EksNode.Host.Files;

namespace EksNode.Joining;

/// <summary>
/// The machine that builds an image is no node: it is started again before the image is made of it, and must not join the cluster that the image names. A build
/// leaves the checksum of its machine's id in the image; an instance of the image has another id.
/// </summary>
internal static class BuilderGuard
{
    /// <summary>The mark, in the image.</summary>
    public static string MarkPath => Host.Engine.StatePlace.Image.Folder + "/builder";

    // Every instance has one of its own (SMBIOS 3.1.1, System UUID); systemd makes the machine id of a virtual machine of it.
    private const string MachineProduct = "/sys/class/dmi/id/product_uuid";
    private const int OwnerFile = 0x180; // 0600
    private const int OwnerFolder = 0x1C0; // 0700

    /// <summary>Whether this machine is the one that the image was built on.</summary>
    /// <param name="root">The machine.</param>
    public static bool IsBuilder(HostRoot root) =>
        root.ReadFile(MarkPath) is { } mark && IdOf(root) is { } id && mark.AsSpan().SequenceEqual(id);

    /// <summary>Marks this machine as the builder of its image.</summary>
    /// <param name="root">The machine.</param>
    /// <exception cref="Configuration.Text.DiagnosticException">The mark cannot be written.</exception>
    public static void Mark(HostRoot root)
    {
        if (IdOf(root) is not { } id || IsBuilder(root))
        {
            return;
        }

        var transaction = new FileTransaction(root);
        transaction.MakeDirectory(Host.Engine.AppliedState.DirectoryPath, OwnerFolder, WriteStage.Record);
        transaction.MakeDirectory(Host.Engine.StatePlace.Image.Folder, OwnerFolder, WriteStage.Record);
        transaction.Write(MarkPath, id, OwnerFile);
        transaction.Stage();
        transaction.Commit();
    }

    private static byte[]? IdOf(HostRoot root) =>
        root.ReadFile(MachineProduct) is { Length: > 0 } id ? Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(id)) + "\n") : null;
}
