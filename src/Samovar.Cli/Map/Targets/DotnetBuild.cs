using System.Diagnostics;

namespace Samovar.Cli.Map.Targets;

/// <summary>Runs <c>dotnet build</c>, or another command of the SDK. Compiler output is passed on unchanged.</summary>
internal static class DotnetBuild
{
    /// <summary>Runs a command and waits for it to exit.</summary>
    /// <param name="command">The command, such as <c>build</c>.</param>
    /// <param name="target">The project or file.</param>
    /// <param name="arguments">The arguments after the target.</param>
    /// <param name="turn">The path of the lock under which it runs; null for none.</param>
    /// <param name="cancellation">Kills the command.</param>
    /// <returns>The standard output of the command.</returns>
    /// <exception cref="UsageException">There is no SDK, or the build failed.</exception>
    public static async Task<string> RunAsync(string command, string target, IReadOnlyList<string> arguments, string? turn, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Muxer(), [command, target, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // otherwise a build server outlives this command and keeps its output open
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        if (BuildCache.HomeForBuilds is { } home) start.Environment["HOME"] = start.Environment["DOTNET_CLI_HOME"] = home;
        if (turn is not null) start.Environment[BuildLock.Variable] = BuildLock.With(Environment.GetEnvironmentVariable(BuildLock.Variable), turn);

        using Process build = Process.Start(start)!;
        try
        {
            build.StandardInput.Close();
            Task<string> output = build.StandardOutput.ReadToEndAsync(cancellation);
            Task<string> error = build.StandardError.ReadToEndAsync(cancellation);
            await build.WaitForExitAsync(cancellation);
            string said = await output;
            if (build.ExitCode == 0) return said;
            throw new UsageException($"{target} failed to build.") { Said = Lines(said + await error) };
        }
        finally
        {
            if (!build.HasExited) build.Kill(entireProcessTree: true);
        }
    }

    private static string Muxer()
    {
        string muxer = DotnetHost.Find();
        return Directory.Exists(Path.Combine(Path.GetDirectoryName(muxer) ?? "", "sdk")) || !File.Exists(muxer)
            ? muxer
            : throw new UsageException(
                $"There is no .NET SDK next to {muxer}, so C# files and projects cannot be built. Install the SDK from https://dot.net, "
                + "or use a built assembly (.dll) as the target.");
    }

    // Only the diagnostics, each once: the build's summary repeats them, with counts and times.
    private static string Lines(string said)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        IEnumerable<string> lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => (line.Contains(": error ", StringComparison.Ordinal) || line.Contains("): warning ", StringComparison.Ordinal)
                || line.StartsWith("error ", StringComparison.OrdinalIgnoreCase)) && seen.Add(line));
        string kept = string.Join('\n', lines);
        return kept.Length > 0 ? kept : said.Trim();
    }
}
