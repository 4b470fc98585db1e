using Samovar.Cli;

if (args is ["map" or "tour" or "ps" or "doctor", ..] && OpenFiles.FindMistake() is { } mistake) // these start processes or open sockets, whose threads end the program where they get no descriptor
{
    Console.Error.WriteLine($"samovar: {mistake}");
    return ExitCode.Usage;
}

return await CommandLine.RunAsync(args);
