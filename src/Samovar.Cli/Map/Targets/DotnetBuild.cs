using System.Diagnostics;

namespace Samovar.Cli.Map.Targets;

/// <summary>Runs the SDK's <c>dotnet build</c>, or another command of it; what the compiler says is kept as it says it.</summary>
internal static class DotnetBuild
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="command">Such as <c>build</c>.</param>
    /// <param name="target">The project or file.</param>
    /// <param name="arguments">What stands behind it.</param>
    /// <param name="turn">The path of the lock that it runs under; null for none.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What it wrote to stdout.</returns>
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
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // no build server outlives this command, or holds its output open
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
            throw new UsageException($"{target} does not build.") { Said = Lines(said + await error) };
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
                $"There is no .NET SDK beside {muxer}, so a C# file or a project cannot be built. Install the SDK from https://dot.net, "
                + "or name a built assembly (.dll).");
    }

    // A diagnostic is repeated in the build's summary; its counts and times are of no use here.
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
