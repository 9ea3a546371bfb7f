using EksNode;

// Asked by scripts, often: it touches nothing else.
if (args is ["--version"])
{
    CommandIo.WriterOf(Console.OpenStandardOutput()).WriteLine(ProductVersion.Text);
    return ExitCode.Done;
}

return CommandLine.RunAsync(args, CommandIo.OfProcess(), CancellationToken.None).GetAwaiter().GetResult();
