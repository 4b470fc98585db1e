using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Samovar.Cli.Tests.Map;

/// <summary>A folder of a test's own, and the real tool that runs in it.</summary>
internal sealed class MapFolder : IDisposable
{
    public const string Begun = "begun";
    public const string Gate = "gate";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-map-");
    private readonly List<Process> _started = [];
    private FileStream? _gate;
    private StreamReader? _begun;

    /// <summary>This assembly, which holds <see cref="Sample"/>.</summary>
    public static string Target { get; } = typeof(Sample).Assembly.Location;

    /// <summary>Whether C# files are built once for all runs of the tests, or into this folder.</summary>
    public bool KeepsBuilds { get; init; } = true;

    private static string Cache { get; } = Path.Combine(ToolRun.Root, "artifacts", "map-tests");

    public string Root => _folder.FullName;

    // A shell that is ended takes those it has started along.
    private static string Tool { get; } = string.Join(' ', [.. Starter.Tie, "dotnet", ToolRun.ToolPath]);

    private (string, string?)[] Environment => [("SAMPLE_FOLDER", Root), ("SAMOVAR_CACHE", KeepsBuilds ? Cache : PathOf("cache"))];

    public string PathOf(string name) => Path.Combine(Root, name);

    public string Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllText(PathOf(name), text);
        return name;
    }

    public string[] Lines(string name) => File.ReadAllLines(PathOf(name));

    /// <summary>The lines of a job log after its first.</summary>
    public JsonElement[] Log(string name) => [.. Lines(name).Skip(1).Select(line => JsonElement.Parse(line))];

    /// <summary>Runs <c>samovar map</c> over a method of <see cref="Sample"/> in this folder.</summary>
    public Task<ToolRun> MapAsync(string method, params string[] arguments) => ToolAsync(["map", Target, $"Sample.{method}", .. arguments]);

    public Task<ToolRun> ToolAsync(params string[] arguments) => ToolRun.ProgramAsync("dotnet", [ToolRun.ToolPath, .. arguments], Environment, Root);

    /// <summary>Runs a line of shell in which <c>$map</c> is the tool and this assembly.</summary>
    public Task<ToolRun> ShellAsync(string line) => ToolRun.ProgramAsync(
        "bash", ["-c", line], [.. Environment, ("map", $"{Tool} map {Target}"), ("tool", Tool)], Root);

    /// <summary>Starts <c>samovar map</c> over a method of <see cref="Sample"/>; the test runs concurrently with it. It is killed when this folder is disposed.</summary>
    public Task<Process> StartAsync(string method, params string[] arguments) => StartToolAsync(["map", Target, $"Sample.{method}", .. arguments]);

    /// <summary>Starts the tool.</summary>
    public async Task<Process> StartToolAsync(params string[] arguments)
    {
        Process tool = await Starter.StartAsync("dotnet", [ToolRun.ToolPath, .. arguments], Environment, Root);
        _started.Add(tool);
        return tool;
    }

    /// <summary>Makes the pipes at which <see cref="Sample.Gated"/> meets the test.</summary>
    public async Task PrepareMeetingAsync()
    {
        await ToolRun.ProgramAsync("mkfifo", [PathOf(Begun), PathOf(Gate)]);
        _begun = new StreamReader(OpenPipe(Begun));
    }

    /// <summary>Waits until so many items have begun.</summary>
    public async Task<string[]> BegunAsync(int count)
    {
        var begun = new List<string>();
        while (begun.Count < count) begun.Add((await _begun!.ReadLineAsync(TestContext.Current.CancellationToken))!);
        return [.. begun];
    }

    public void OpenGate() => _gate = OpenPipe(Gate);

    public static Task<ToolRun> EndAsync(Process process) => ToolRun.EndAsync(process, TestContext.Current.CancellationToken);

    public static Task SignalAsync(Process process, string signal) =>
        ToolRun.ProgramAsync("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);

    public void Dispose()
    {
        foreach (Process tool in _started)
        {
            if (!tool.HasExited)
            {
                tool.Kill(entireProcessTree: true);
                tool.WaitForExit();
            }

            tool.Dispose();
        }

        _begun?.Dispose();
        _gate?.Dispose();
        _folder.Delete(recursive: true);
    }

    // Both ends, so that neither opening nor reading ends by itself.
    private FileStream OpenPipe(string name) =>
        new(PathOf(name), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0, FileOptions.Asynchronous);
}
