using System.Collections.Frozen;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Samovar.Tests.Architecture;

/// <summary>The programs of one file under examples, which build/CompileExamples.targets has compiled next to these tests.</summary>
internal static class ExamplePrograms
{
    private const string Chapter = "chapter/";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4);

    /// <summary>
    /// Arguments for the programs that measure something: a size at which every statement still runs, but the figures mean little. Each has
    /// a default that suits its reader. Also the argument by which a program does without a server.
    /// </summary>
    private static readonly FrozenDictionary<string, string> s_smallSizes = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["chapter/06-what-threads-cost"] = "200", // threads; default 10,000
        ["chapter/09-process-or-pool"] = "50000", // tiny tasks; default 1,000,000
        ["cluster-rabbitmq"] = "--in-memory", // no broker; tests/Samovar.RabbitMQ.Checks has the tests with brokers
        ["costs"] = "1", // percent of the calls that are measured; default 100
        ["echo-server"] = "500", // connections; default 10,000
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static string Folder { get; } = Path.Combine(Repository.Root, "examples");

    /// <summary>Path below examples without the extension, with slashes: <c>recipes/retries</c>.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Directory.EnumerateFiles(Folder, "*.cs", SearchOption.AllDirectories)
            .Select(static file => Path.ChangeExtension(Path.GetRelativePath(Folder, file), null).Replace('\\', '/'))
            .Where(static name => !name.StartsWith("map/", StringComparison.Ordinal) && !name.StartsWith("chapter/servers/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The names of those that stand directly in a folder below examples.</summary>
    public static TheoryData<string> In(string folder) =>
        [.. Names.Where(name => (Path.GetDirectoryName(name) ?? "") == folder)];

    public static string SourceOf(string name) => Path.Combine(Folder, $"{name}.cs");

    /// <summary>Runs a compiled program, small. It must end with exit code 0; returns what it wrote to standard output.</summary>
    public static Task<string> RunAsync(string name) =>
        RunAsync(ProgramOf(name), s_smallSizes.TryGetValue(name, out string? size) ? [size] : []);

    /// <summary>Runs a program in the root of the repository. It must end with exit code 0; returns what it wrote to standard output.</summary>
    public static async Task<string> RunAsync(string program, string[] arguments)
    {
        using var outOfTime = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        outOfTime.CancelAfter(s_patience);
        using var run = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            Environment =
            {
                ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")), // as `dotnet run` does
                ["MSBUILDDISABLENODEREUSE"] = "1", // no build server outlives the test
            },
        })!;
        try
        {
            run.StandardInput.Close();
            var output = run.StandardOutput.ReadToEndAsync(outOfTime.Token);
            var errors = run.StandardError.ReadToEndAsync(outOfTime.Token);
            await run.WaitForExitAsync(outOfTime.Token);
            run.ExitCode.ShouldBe(0, $"{await output}{await errors}");
            return await output;
        }
        finally
        {
            if (!run.HasExited) run.Kill(entireProcessTree: true);
        }
    }

    private static string ProgramOf(string name)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory); // artifacts/bin/Samovar.Tests/debug
        bool isOfTheChapter = name.StartsWith(Chapter, StringComparison.Ordinal);
        string project = isOfTheChapter ? "Programs"
            : File.ReadAllText(SourceOf(name)).Contains("#:sdk Microsoft.NET.Sdk.Web", StringComparison.Ordinal) ? "Samovar.Examples.Web" : "Samovar.Examples";
        string program = isOfTheChapter ? name[Chapter.Length..] : name.Replace('/', '.');
        return Path.Combine(here.Parent!.Parent!.FullName, project, here.Name, program + (OperatingSystem.IsWindows() ? ".exe" : ""));
    }
}
