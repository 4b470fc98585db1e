using System.Diagnostics;

namespace Samovar.Tests.Architecture;

/// <summary>The programs of one file in a folder, each built and run as its reader would. Several folders run at the same time.</summary>
public abstract class ExampleRuns
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    // Each build looks whether the library is up to date, and two of them would write the same files.
    private static readonly SemaphoreSlim s_build = new(1, 1);

    protected static TheoryData<string> In(string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "examples", folder), "*.cs").Select(path => Path.Combine(folder, Path.GetFileName(path))).Order(StringComparer.Ordinal)];

    /// <summary>It ends with exit code 0, and says something.</summary>
    protected static async Task RunAsync(string example)
    {
        string path = Path.Combine("examples", example);
        using var outOfTime = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await s_build.WaitAsync(outOfTime.Token);
        try
        {
            outOfTime.CancelAfter(s_patience);
            await DotnetAsync(["build", path, "-v", "quiet"], outOfTime.Token);
        }
        finally
        {
            s_build.Release();
        }

        (await DotnetAsync(["run", "--no-build", path], outOfTime.Token)).Trim().ShouldNotBeEmpty();
    }

    private static async Task<string> DotnetAsync(string[] arguments, CancellationToken outOfTime)
    {
        using var run = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            Environment = { ["MSBUILDDISABLENODEREUSE"] = "1" }, // no build server outlives the test
        })!;
        try
        {
            run.StandardInput.Close();
            var output = run.StandardOutput.ReadToEndAsync(outOfTime);
            var errors = run.StandardError.ReadToEndAsync(outOfTime);
            await run.WaitForExitAsync(outOfTime);
            run.ExitCode.ShouldBe(0, $"{await output}{await errors}");
            return await output;
        }
        finally
        {
            if (!run.HasExited) run.Kill(entireProcessTree: true);
        }
    }
}
