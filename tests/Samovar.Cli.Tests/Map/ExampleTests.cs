using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Samovar.Cli.Tests.Map;

/// <summary>The examples under examples/map, run as their readers would run them.</summary>
public sealed class ExampleTests : IDisposable
{
    private readonly MapFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ProcessFact]
    public async Task Checksums_of_many_files_survive_a_kill_and_are_right()
    {
        // Part of the SDK's own folder, as something real that is there.
        string sdk = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), ".."));
        string[] command = ["map", Example("checksums"), "--files", $"{sdk}/**/System.*.dll", "--output", "sums.jsonl", "--job-log", "log.jsonl", "--resume"];
        Process first = await _folder.StartToolAsync(command);
        using (var watcher = new FileSystemWatcher(_folder.Root, "sums.jsonl"))
        {
            // Killed once the first results are in the file.
            var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            watcher.Changed += (_, _) => written.TrySetResult();
            watcher.EnableRaisingEvents = true;
            await Task.WhenAny(written.Task, first.WaitForExitAsync(TestContext.Current.CancellationToken));
            first.Kill();
            await MapFolder.EndAsync(first);
        }

        ToolRun run = await _folder.ToolAsync(command);
        string[] expected = [.. Directory.EnumerateFiles(sdk, "System.*.dll", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        expected.Length.ShouldBeGreaterThan(100);
        JsonElement[] facts = [.. _folder.Lines("sums.jsonl").Select(l => JsonElement.Parse(l)).OrderBy(f => f.GetProperty("path").GetString(), StringComparer.Ordinal)];
        facts.Select(f => f.GetProperty("path").GetString()).ShouldBe(expected);
        facts[7].GetProperty("sha256").GetString().ShouldBe(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(expected[7]))));
    }

    [ProcessFact]
    public async Task An_interpreter_with_one_lock_runs_in_every_worker()
    {
        Assert.SkipUnless(NativeLibrary.TryLoad("libpython3.11.so.1.0", out _), "libpython3.11 (Debian package libpython3.11) is not there");
        _folder.Write("a.py", "class A:\n    def f(self): pass\n    def g(self): pass\n");
        _folder.Write("b.py", "def h(: nonsense\n");
        ToolRun run = await _folder.ToolAsync("map", Example("python"), "--files", "*.py");

        run.ExitCode.ShouldBe(ExitCode.ItemsFailed);
        run.Output.ShouldContain("\"functions\": 2, \"classes\": 1");
        run.Error.ShouldContain("samovar: item 2 'b.py' failed: InvalidDataException: Python: SyntaxError(");
    }

    [ProcessFact]
    public async Task The_script_of_commands_handles_any_file_name()
    {
        _folder.Write("photos/a b.jpg", "x");
        _folder.Write("photos/it's $(touch run).jpg", "y");
        string script = Path.Combine(ToolRun.Root, "examples", "map", "thumbnails.sh");
        ToolRun run = await _folder.ShellAsync($"export SAMOVAR=\"$tool\"; sh '{script}' photos");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).ShouldBe(
            ["2 thumbnails", "a b.jpg", "gzip -9 'photos/a b.jpg'", "gzip -9 'photos/it'\\''s $(touch run).jpg'", "it's $(touch run).jpg"]);
        File.Exists(_folder.PathOf("run")).ShouldBeFalse();
    }

    [ProcessFact]
    public async Task Unruly_work_is_got_through_with_the_rest_done()
    {
        ToolRun run = await _folder.ToolAsync(
            "map", Example("unruly"), "--range", "1..100", "--timeout", "3s", "--memory-limit", "200M", "--output", "out.txt", "--job-log", "log.jsonl");

        run.ExitCode.ShouldBe(ExitCode.ItemsFailed);
        _folder.Lines("out.txt").Length.ShouldBe(97);
        _folder.Log("log.jsonl").Where(l => l.GetProperty("outcome").GetString() != "ok").OrderBy(l => l.GetProperty("seq").GetInt32())
            .Select(l => $"{l.GetProperty("seq")} {l.GetProperty("outcome")}")
            .ShouldBe(["13 Samovar.WorkerCrashedException", "37 Samovar.TaskTimeoutException", "58 System.IO.InvalidDataException"]);
    }

    private static string Example(string name) => Path.Combine(ToolRun.Root, "examples", "map", name + ".cs");
}
