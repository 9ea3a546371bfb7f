using EksNode;
using EksNode.Host.Files;

try
{
    // Asked by scripts, often: it touches nothing else. Under another program's name it is that program's question.
    var program = Environment.GetCommandLineArgs()[0];
    if (args is ["--version"] && program.EndsWith("eksnode", StringComparison.Ordinal))
    {
        CommandIo.WriterOf(new DescriptorStream(1)).WriteLine(ProductVersion.Text);
        return ExitCode.Done;
    }

    StandardStreams.Occupy();
    return CommandLine.RunAsync(args, CommandIo.OfProcess(), CancellationToken.None, program).GetAwaiter().GetResult();
}
catch (Exception failure) when (StandardStreams.IsFailure(failure))
{
    CommandIo.WriterOf(new DescriptorStream(2, isLog: true)).WriteLine(CommandLine.OutputFailure(failure));
    return ExitCode.Failed;
}
