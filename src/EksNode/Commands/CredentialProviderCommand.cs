using System.CommandLine;
using EksNode.Aws.Identity;
using EksNode.Configuration.Text;

namespace EksNode.Commands;

/// <summary><c>eksnode credential-provider</c>: passwords for ECR, as the kubelet asks its image credential providers for them.</summary>
internal static class CredentialProviderCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "credential-provider";

    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var common = new CommonOptions();
        var command = new Command(
            Name, "Answers the kubelet's CredentialProviderRequest on standard input with a password for the image's ECR registry")
        {
            common.Root, common.Level, common.Format,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new IdentitySettings
            {
                Root = parsed.GetValue(common.Root)!,
                Level = parsed.GetValue(common.Level),
                Format = parsed.GetValue(common.Format),
            },
            io,
            cancellation));
        return command;
    }

    /// <summary>Answers the request on standard input.</summary>
    public static Task<int> RunAsync(IdentitySettings settings, CommandIo io, CancellationToken cancellation) => IdentityRun.RunAsync(
        settings,
        io,
        async (session, _, cancel) =>
        {
            var input = await new BoundedInput(io).ReadStandardInputAsync(cancel);
            if (input.Bytes is not { } bytes)
            {
                throw new DiagnosticException(
                    DiagnosticCatalogue.ProviderRequestUnreadable,
                    $"Standard input cannot be read: {input.Problem}.",
                    "The kubelet writes its request there and closes it.");
            }

            var registry = EcrRegistry.Of(CredentialProviderProtocol.ImageOf(bytes));
            var password = await EcrPassword.GetAsync(session, registry, cancel);
            return CredentialProviderProtocol.Write(registry, password, io.Clock.GetUtcNow());
        },
        cancellation);
}
