using EksNode;

try
{
    // Asked by scripts, often: it touches nothing else.
    if (args is ["--version"])
    {
        CommandIo.WriterOf(Console.OpenStandardOutput()).WriteLine(ProductVersion.Text);
        return ExitCode.Done;
    }

    StandardStreams.Occupy();
    return CommandLine.RunAsync(args, CommandIo.OfProcess(), CancellationToken.None).GetAwaiter().GetResult();
}
catch (Exception failure) when (StandardStreams.IsFailure(failure))
{
    CommandIo.WriterOf(new StandardStreams.ErrorStream(Console.OpenStandardError())).WriteLine(CommandLine.OutputFailure(failure));
    return ExitCode.Failed;
}
