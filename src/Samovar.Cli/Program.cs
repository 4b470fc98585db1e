using Samovar.Cli;

// These commands start processes or open sockets. A runtime thread that gets no file descriptor there crashes the program.
if (args is ["map" or "tour" or "ps" or "top" or "dashboard" or "trace" or "post-mortem" or "doctor" or "worker" or "cluster", ..] && OpenFiles.FindMistake() is { } mistake)
{
    Console.Error.WriteLine($"samovar: {mistake}");
    return ExitCode.Usage;
}

return await CommandLine.RunAsync(args);
