using Samovar.Cli;

if (OpenFiles.FindMistake() is { } mistake)
{
    Console.Error.WriteLine($"samovar: {mistake}");
    return ExitCode.Usage;
}

return await CommandLine.RunAsync(args);
