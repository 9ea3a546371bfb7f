using System.Text;
using EksNode.Commands;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Host.Containers;
using EksNode.Host.Processes;
using EksNode.Host.Services;
using EksNode.Planning.Containerd;

namespace EksNode.Joining;

/// <summary>
/// Between containerd and the kubelet: the sandbox image is there. Which one counts is what containerd's configuration on the machine says,
/// which may be somebody's own.
/// </summary>
public static class PrepareImages
{
    /// <summary>Imports or pulls the sandbox image when it is missing.</summary>
    /// <param name="context">The join, on this machine; containerd is healthy.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">The image is not there and cannot be had.</exception>
    public static async Task RunAsync(JoinContext context, CancellationToken cancellation)
    {
        if (SandboxOf(context) is not { } image)
        {
            return;
        }

        using var step = context.Run.Timeline.Begin("sandbox image");
        using CriClient cri = new(CriClient.ContainerdSocket, context.Io.Clock);
        SandboxImages images = new(cri, new ProgramRunner(), context.Run.Log, context.Io.Clock, new SandboxImageOptions
        {
            FastImagePull = ServiceUnits.HasSnapshotter(context.Plan),
        });
        await images.EnsureAsync(image, (name, cancel) => RegistryPasswords.OfAsync(
            name, context.Run, IdentityRun.EnvironmentOf(context.Run.Request.Root, context.Io).With(context.View.Config), context.Io.Clock, cancel), context.Run.Diagnostics, cancellation);
    }

    // What cannot be read here, containerd would not have started with.
    private static string? SandboxOf(JoinContext context) =>
        context.Pipeline.Root.ReadFile(ContainerdComponent.ConfigPath) is { } bytes
        && TomlReader.Read(Encoding.UTF8.GetString(bytes), ContainerdComponent.ConfigPath, new DiagnosticBag()) is { } config
            ? SandboxSetting.Of(config)
            : null;
}
