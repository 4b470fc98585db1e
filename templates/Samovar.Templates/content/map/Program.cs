// Runs Work.Measure over the lines of a file, in worker processes, and writes the results in the order of the lines.
//
//   dotnet run                                         over words.txt
//   dotnet run -- FILE                                 over another file
//   samovar map SamovarMap.csproj --input words.txt    the same method by the tool: progress, retries, resuming, CSV (dotnet tool install Samovar.Cli)

using Samovar;

ProcessWorker.RunIfWorker(args); // a program published as a single file or self-contained is its own worker; otherwise this does nothing

string file = args is [var path, ..] ? path : Path.Combine(AppContext.BaseDirectory, "words.txt");
int failed = 0;
await using var pool = new ProcessExecutor();
await foreach (var outcome in pool.MapOutcomes(File.ReadLines(file), Work.Measure))
{
    if (outcome.IsSuccess)
    {
        Console.WriteLine($"{outcome.Input}: {outcome.Value}");
    }
    else
    {
        failed++;
        Console.Error.WriteLine($"{outcome.Input}: {outcome.Error?.Message}");
    }
}

return failed == 0 ? 0 : 1;

public static class Work
{
    /// <summary>The work on one line: replace it with yours. It runs in a worker process.</summary>
    public static string Measure(string line) =>
        $"{line.Length} letters, {line.Count("aeiou".Contains)} vowels";
}
