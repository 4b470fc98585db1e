using System.Diagnostics;

namespace Samovar.Tests.Architecture;

/// <summary>Every example is run as its reader would run it.</summary>
public sealed class ExampleTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    public static TheoryData<string> Examples =>
        [.. Folders.SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, "examples", folder), "*.cs")
            .Select(path => Path.Combine(folder, Path.GetFileName(path))).Order(StringComparer.Ordinal))];

    // The programs of one file; what a folder below holds belongs to them.
    private static IEnumerable<string> Folders => ["", "chapter", "recipes"];

    [Theory(Timeout = 200_000)]
    [MemberData(nameof(Examples))]
    public async Task An_example_runs_to_its_end_and_says_something(string example)
    {
        using var run = Process.Start(new ProcessStartInfo("dotnet", ["run", Path.Combine("examples", example)])
        {
            UseShellExecute = false,
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;
        using var outOfTime = new CancellationTokenSource(s_patience);
        try
        {
            run.StandardInput.Close();
            var output = run.StandardOutput.ReadToEndAsync(outOfTime.Token);
            var errors = run.StandardError.ReadToEndAsync(outOfTime.Token);
            await run.WaitForExitAsync(outOfTime.Token);

            run.ExitCode.ShouldBe(0, await errors);
            (await output).Trim().ShouldNotBeEmpty();
        }
        finally
        {
            if (!run.HasExited) run.Kill(entireProcessTree: true);
        }
    }
}
