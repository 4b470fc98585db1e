using Samovar.Cli;

if (args is ["map" or "tour", ..] && OpenFiles.FindMistake() is { } mistake) // these start processes; the others get by with fewer
{
    Console.Error.WriteLine($"samovar: {mistake}");
    return ExitCode.Usage;
}

return await CommandLine.RunAsync(args);
