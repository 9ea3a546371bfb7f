using EksNode;

return await CommandLine.RunAsync(args, CommandIo.OfProcess(), CancellationToken.None);
