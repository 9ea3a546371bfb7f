using System.Runtime.InteropServices;
using EksNode.NodeTests;
using EksNode.NodeTests.Machines;

NodeTestOptions options;
try
{
    options = NodeTestOptions.Parse(args);
}
catch (ArgumentException exception)
{
    await Console.Error.WriteLineAsync($"{exception.Message}\n\n{NodeTestOptions.Usage}");
    return 2;
}

using var interrupted = new CancellationTokenSource();
void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    interrupted.Cancel();
}

using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
try
{
    await PrivateNetwork.SetUpAsync(interrupted.Token);
    return await NodeTestRun.RunAsync(options, Console.Out, interrupted.Token) ? 0 : 1;
}
catch (NodeTestException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("interrupted; everything that was started is stopped");
    return 130;
}
