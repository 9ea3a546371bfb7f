using EksNode;
using EksNode.Host.Files;

// Asked by scripts, often: it touches nothing else. Under another program's name it is that program's question.
var program = Environment.GetCommandLineArgs()[0];
if (args is ["--version"] && program.EndsWith("eksnode", StringComparison.Ordinal))
{
    try
    {
        CommandIo.WriterOf(new DescriptorStream(1)).WriteLine(ProductVersion.Text);
        return ExitCode.Done;
    }
    catch (IOException)
    {
        // Told below, where there is time.
    }
}

StandardStreams.Occupy();
return CommandLine.RunAndTellAsync(args, CommandIo.OfProcess(), CancellationToken.None, program).GetAwaiter().GetResult();
