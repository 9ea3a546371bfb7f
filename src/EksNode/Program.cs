using EksNode;
using EksNode.Host.Files;

try
{
    // Asked by scripts, often: it touches nothing else.
    if (args is ["--version"])
    {
        CommandIo.WriterOf(new DescriptorStream(1)).WriteLine(ProductVersion.Text);
        return ExitCode.Done;
    }

    StandardStreams.Occupy();
    return CommandLine.RunAsync(args, CommandIo.OfProcess(), CancellationToken.None, Environment.GetCommandLineArgs()[0]).GetAwaiter().GetResult();
}
catch (Exception failure) when (StandardStreams.IsFailure(failure))
{
    CommandIo.WriterOf(new DescriptorStream(2, isLog: true)).WriteLine(CommandLine.OutputFailure(failure));
    return ExitCode.Failed;
}
