using EksNode.Aws;
using EksNode.Aws.Identity;
using EksNode.Host.Containers;

namespace EksNode.Commands;

/// <summary>Passwords of the node's own role for registries of ECR.</summary>
internal static class RegistryPasswords
{
    /// <summary>The password for an image's registry; null: the registry is not ECR's.</summary>
    /// <param name="image">The image.</param>
    /// <param name="run">The run; its redactor learns the password.</param>
    /// <param name="environment">The environment of the calls.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="Configuration.Text.DiagnosticException">There is no password to be had.</exception>
    public static async Task<RegistryPassword?> OfAsync(string image, CommandRun run, AwsEnvironment environment, TimeProvider clock, CancellationToken cancellation)
    {
        if (EcrRegistry.Find(image) is not { } registry)
        {
            return null;
        }

        using IdentitySession session = new(new IdentityOptions { Environment = environment, Clock = clock, Log = run.Log });
        var password = await EcrPassword.GetAsync(session, registry, cancellation);
        run.Redactor.Add(password.Password);
        return new RegistryPassword(password.User, password.Password);
    }
}
