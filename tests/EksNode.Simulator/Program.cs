using System.Runtime.InteropServices;
using EksNode.Simulation;

SimulatorCommandLine command;
try
{
    command = SimulatorCommandLine.Parse(args);
}
catch (Exception exception) when (exception is ArgumentException or FormatException or IOException)
{
    await Console.Error.WriteLineAsync($"simulator: {exception.Message}\n\n{SimulatorCommandLine.Usage}");
    return 2;
}

if (command.Help)
{
    Console.WriteLine(SimulatorCommandLine.Usage);
    return 0;
}

if (command.PrintUserData)
{
    await Console.OpenStandardOutput().WriteAsync(command.Options.UserData ?? ReadOnlyMemory<byte>.Empty);
    return 0;
}

var stopped = new TaskCompletionSource();
void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stopped.TrySetResult();
}

using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
await using var simulator = await Simulator.StartAsync(command.Options);
await command.ReportReadyAsync(simulator, Console.Out);
await stopped.Task;
await command.ReportCallsAsync(simulator);
return 0;
