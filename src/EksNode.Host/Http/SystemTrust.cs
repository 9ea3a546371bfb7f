using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;

namespace EksNode.Host.Http;

/// <summary>
/// Makes .NET load the machine's certificate authorities as an empty set. It reads the files that <c>SSL_CERT_FILE</c> and
/// <c>SSL_CERT_DIR</c> name once, for all X509 chains of the process, even for those that trust only roots of their own
/// (<c>X509ChainTrustMode.CustomRootTrust</c>); there is no switch against it.
/// </summary>
/// <remarks>
/// The variables are changed in the C library's environment, where .NET's OpenSSL shim looks, and put back at once, so that no
/// program that eksnode starts sees them. TLS is only spoken by <see cref="HttpSender"/>, which judges chains by a
/// <see cref="TrustStore"/>.
/// </remarks>
internal static partial class SystemTrust
{
    private static readonly Lock Gate = new();
    private static bool isLoaded;

    /// <summary>Loads the empty set, the first time it is called.</summary>
    public static void LoadEmpty()
    {
        lock (Gate)
        {
            if (isLoaded)
            {
                return;
            }

            var file = Replace("SSL_CERT_FILE", "/dev/null");
            var folder = Replace("SSL_CERT_DIR", "/dev/null");
            try
            {
                using var store = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
                foreach (var certificate in store.Certificates)
                {
                    certificate.Dispose();
                }
            }
            finally
            {
                Restore("SSL_CERT_FILE", file);
                Restore("SSL_CERT_DIR", folder);
                isLoaded = true;
            }
        }
    }

    private static string? Replace(string name, string value)
    {
        var before = Marshal.PtrToStringUTF8(GetEnvironment(name));
        SetEnvironment(name, value, 1);
        return before;
    }

    private static void Restore(string name, string? value)
    {
        if (value is null)
        {
            UnsetEnvironment(name);
        }
        else
        {
            SetEnvironment(name, value, 1);
        }
    }

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint GetEnvironment(string name);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int UnsetEnvironment(string name);
}
