using Samovar.Cli;

return await CommandLine.RunAsync(args);
