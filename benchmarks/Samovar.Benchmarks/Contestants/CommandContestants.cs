using System.ComponentModel;
using System.Diagnostics;

namespace Samovar.Benchmarks.Contestants;

/// <summary>Command-line tools over the lines of a file: <c>samovar map</c>, and tools that start a program for each line.</summary>
internal static class CommandContestants
{
    /// <summary>The environment variable with the path of Samovar.Cli.dll; by default, the tool built with these benchmarks is used.</summary>
    public const string ToolVariable = "SAMOVAR_BENCH_TOOL";

    public static IEnumerable<KeyValuePair<string, Contestant>> All =>
    [
        new("P17 Samovar", static request => LinesAsync(request, 2_000_000, 1_000_000, static (lines, output) =>
            [Muxer, Tool, "map", typeof(Trivial).Assembly.Location, "Trivial.Length", "--workers", "2", "--input", lines, "--output", output])),
        new("P17 xargs -P 2, dotnet exec", static request => LinesAsync(request, 100, 10, static (lines, _) => ["xargs", "-a", lines, "-P", "2", "-n", "1", .. BareProgram.Command, "length"])),
        new("P17 xargs -P 2, true (native, no result)", static request => LinesAsync(request, 1_000, 10, static (lines, _) => ["xargs", "-a", lines, "-P", "2", "-n", "1", "true"])),
        new("P17 GNU parallel -j 2, dotnet exec", static request => LinesAsync(request, 100, 10, static (lines, _) => ["parallel", "--will-cite", "-j", "2", "-a", lines, .. BareProgram.Command, "length"])),
        new("P21 Samovar", static request => SpawnsAsync(request, static lines => [Muxer, Tool, "map", "--command", "true", "--workers", "2", "--input", lines])),
        new("P21 xargs -P 2", static request => SpawnsAsync(request, static lines => ["xargs", "-a", lines, "-P", "2", "-n", "1", "true"])),
        new("P21 GNU parallel -j 2", static request => SpawnsAsync(request, static lines => ["parallel", "--will-cite", "-j", "2", "-a", lines, "true"])),
    ];

    public static string Muxer => Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet" ? Environment.ProcessPath! : "dotnet";

    public static string Tool
    {
        get
        {
            string tool = Environment.GetEnvironmentVariable(ToolVariable) is { Length: > 0 } path ? path
                : Path.Combine(Checkout.Root, "artifacts", "bin", "Samovar.Cli", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "Samovar.Cli.dll");
            return File.Exists(tool)
                ? tool
                : throw new FileNotFoundException($"The tool is not built: {tool} does not exist. benchmarks/run builds it.");
        }
    }

    // Commands that do nothing. The tool's own start is measured with one item, and subtracted.
    private static async IAsyncEnumerable<double> SpawnsAsync(Request request, Func<string, string[]> command)
    {
        var folder = Directory.CreateTempSubdirectory("samovar-benchmarks-");
        try
        {
            int count = request.Of(2_000, 100);
            string lines = Path.Combine(folder.FullName, "lines"), one = Path.Combine(folder.FullName, "one");
            await File.WriteAllLinesAsync(lines, Enumerable.Range(0, count + 1).Select(static number => $"{number}"));
            await File.WriteAllTextAsync(one, "0\n");
            while (true)
            {
                long began = Stopwatch.GetTimestamp();
                await RunAsync(command(one));
                TimeSpan start = Stopwatch.GetElapsedTime(began);
                began = Stopwatch.GetTimestamp();
                await RunAsync(command(lines));
                yield return count / (Stopwatch.GetElapsedTime(began) - start).TotalSeconds;
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async IAsyncEnumerable<double> LinesAsync(Request request, int full, int least, Func<string, string, string[]> command)
    {
        var folder = Directory.CreateTempSubdirectory("samovar-benchmarks-");
        try
        {
            int count = request.Of(full, least);
            string lines = Path.Combine(folder.FullName, "lines");
            await File.WriteAllLinesAsync(lines, Enumerable.Range(1, count).Select(static number => $"{number}"));
            string[] words = command(lines, Path.Combine(folder.FullName, "out"));
            while (true) yield return await Timing.RateAsync(count, () => RunAsync(words));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(string[] words)
    {
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            throw new MissingPeerException($"{words[0]} is not installed");
        }

        using (process)
        {
            Task<string> said = process.StandardError.ReadToEndAsync();
            await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            if (process.ExitCode != 0) throw new InvalidOperationException($"{words[0]} exited with code {process.ExitCode}: {(await said).Trim()}");
        }
    }
}
