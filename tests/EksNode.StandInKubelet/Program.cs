using System.Net;
using System.Runtime.InteropServices;
using EksNode.StandInKubelet;

// How often a kubelet reports its status and renews its lease.
var period = TimeSpan.FromSeconds(10);
var retry = TimeSpan.FromSeconds(2);

CommandLine command;
try
{
    command = CommandLine.Parse(args);
    if (command.Version)
    {
        Console.WriteLine($"Kubernetes {Tables.Version}");
        return 0;
    }

    using var stopping = new CancellationTokenSource();
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
    {
        context.Cancel = true;
        stopping.Cancel();
    });
    await RunAsync(command, stopping.Token);
    return 0;
}
catch (KubeletException exception)
{
    Log.Error($"\"command failed\" err=\"{exception.Message}\"");
    return 1;
}
catch (OperationCanceledException)
{
    return 0;
}

async Task RunAsync(CommandLine flags, CancellationToken cancellation)
{
    Log.Info($"stand-in kubelet {Tables.Version} of the node tests: it reads what a kubelet reads, registers a Node, and runs no pod");
    var configuration = KubeletConfiguration.Read(flags);
    var kubeconfig = Kubeconfig.Read(flags.Required("--kubeconfig"));
    CredentialProviders.Check(flags);
    var authority = configuration.Merged["authentication"]?["x509"]?["clientCAFile"]?.GetValue<string>() ?? throw new KubeletException("authentication.x509.clientCAFile is not set");
    var name = flags.Optional("--hostname-override") ?? Dns.GetHostName();
    if (!IPAddress.TryParse(flags.Required("--node-ip"), out var address))
    {
        throw new KubeletException("--node-ip is no address");
    }

    using var runtime = new ContainerRuntime(configuration.Text("containerRuntimeEndpoint") ?? flags.Required("--container-runtime-endpoint"));
    try
    {
        await runtime.StatusAsync(cancellation);
    }
    catch (HttpRequestException exception)
    {
        // As a kubelet: without its runtime it ends, and systemd starts it again.
        throw new KubeletException($"failed to run Kubelet: validate service connection: validate CRI v1 runtime API: {exception.Message} {exception.InnerException?.Message}");
    }

    using var api = new ApiServer(kubeconfig);
    var node = new NodeObject(name, flags, configuration, runtime, api);
    var tasks = new List<Task>
    {
        Servers.ServeHealthAsync(() => null, cancellation),
        KeepAsync(async () =>
        {
            await node.RegisterAsync(cancellation);
            while (true)
            {
                await node.RenewAsync(cancellation);
                await Task.Delay(period, cancellation);
            }
        }, cancellation),
    };
    if (configuration.Is("serverTLSBootstrap"))
    {
        tasks.Add(KeepAsync(async () =>
        {
            using var certificate = await new ServingCertificate(name, address, api).GetAsync(cancellation);
            Log.Info($"serving certificate {certificate.Subject} until {certificate.NotAfter:u}");
            await Servers.ServeApiAsync(certificate, authority, () => configuration.Merged.ToJsonString(), cancellation);
        }, cancellation));
    }

    await await Task.WhenAny(tasks);
}

// What the network or the API server does wrong may pass; what the configuration does wrong does not.
async Task KeepAsync(Func<Task> work, CancellationToken cancellation)
{
    while (true)
    {
        try
        {
            await work();
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            Log.Error(exception.Message + (exception.InnerException is { } inner ? $": {inner.Message}" : ""));
        }

        await Task.Delay(retry, cancellation);
    }
}
