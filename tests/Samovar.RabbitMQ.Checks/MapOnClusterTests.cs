using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Samovar.Cli.Tests;

namespace Samovar.RabbitMQ.Checks;

/// <summary><c>samovar map --cluster</c> with nodes that are started by <c>samovar worker</c>.</summary>
[SupportedOSPlatform("linux")]
public sealed class MapOnClusterTests : IDisposable
{
    private readonly string _cluster = $"map-{Guid.NewGuid():N}";
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-map-cluster-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ProcessFact]
    public async Task The_results_equal_those_of_a_local_run_although_a_node_and_the_tool_are_killed_half_way()
    {
        using var first = await StartWorkerAsync("first");
        using var second = await StartWorkerAsync("second");
        using (var tool = await StartToolAsync([.. MapArguments, .. ClusterArguments]))
        {
            await UntilLoggedAsync(MapTarget.First); // both nodes run items that wait
            first.Kill(entireProcessTree: false); // its worker processes exit with it
            await File.WriteAllTextAsync(Path.Combine(_folder, MapTarget.Gate), "");
            await UntilLoggedAsync(MapTarget.First + 1); // those of the first node run again when it was silent for 15 seconds
            tool.Kill(entireProcessTree: false);
            await tool.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var resumed = await RunToolAsync([.. MapArguments, .. ClusterArguments, "--resume"]);
        resumed.ShouldBe(new ToolRun(0, "", ""), resumed.Error);

        var local = await RunToolAsync(["map", Target, "MapTarget.Cube", "--range", Range, "--workers", "1"]);
        local.ExitCode.ShouldBe(0, local.Error);
        Sorted(await File.ReadAllTextAsync(Output)).ShouldBe(Sorted(local.Output));
        await StopAsync(second);
    }

    [ProcessFact]
    public async Task Commands_run_on_the_nodes_and_return_their_output_and_exit_codes()
    {
        using var worker = await StartWorkerAsync("first");
        var run = await RunToolAsync(["map", "-k", "--command", "printf '%s;' {}; echo err >&2; test {} != 3", .. ClusterArguments, "--", "1", "$(2)", "3"]);

        run.ShouldBe(new ToolRun(1, "1;$(2);3;", "err\nerr\nerr\nsamovar: item 3 '3' failed: exit code 1\n"));
        await StopAsync(worker);
    }

    [ProcessFact]
    public async Task Wrong_options_and_a_broker_that_does_not_answer_are_one_line_each()
    {
        foreach (var (arguments, expected) in ((string[], string)[])
            [
                (["--cluster", "amqp://guest:guest@127.0.0.1:1/"], "127.0.0.1:1"),
                (["--cluster", "http://localhost"], "--cluster is not the address of a broker"),
                (["--cluster", "amqp://guest:guest@broker.invalid/"], "need a key"),
                (["--cluster", SharedServer.Server.Uri, "--workers", "2"], "--workers has no effect with --cluster"),
                (["--cluster", SharedServer.Server.Uri, "--memory-limit", "1G"], "--memory-limit has no effect with --cluster"),
                (["--cluster-name", "orders"], "--cluster-name has no effect without --cluster"),
            ])
        {
            var run = await RunToolAsync(["map", Target, "MapTarget.Cube", "--range", Range, .. arguments]);
            run.ExitCode.ShouldBeOneOf(2, 7);
            run.Error.ShouldContain(expected);
            run.Error.ShouldNotContain("   at ");
        }
    }

    private static string Target => Path.Combine(AppContext.BaseDirectory, "Samovar.RabbitMQ.Checks.dll");

    private static string Range => string.Create(CultureInfo.InvariantCulture, $"0..{MapTarget.Count - 1}");

    private string Output => Path.Combine(_folder, "results.txt");

    private string Log => Path.Combine(_folder, "log.jsonl");

    private string[] MapArguments => ["map", Target, "MapTarget.Cube", "--range", Range, "--retries", "2", "--output", Output, "--job-log", Log];

    private string[] ClusterArguments => ["--cluster", SharedServer.Server.Uri, "--cluster-name", _cluster];

    private (string Name, string? Value)[] Variables => [(MapTarget.FolderVariable, _folder), ("XDG_CACHE_HOME", Path.Combine(_folder, "cache"))];

    private static string[] Sorted(string lines) => [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];

    private static async Task StopAsync(Process worker)
    {
        worker.Kill(entireProcessTree: false);
        await worker.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private Task<Process> StartToolAsync(string[] arguments) => Starter.StartAsync("dotnet", [ToolRun.ToolPath, .. arguments], Variables);

    private async Task<ToolRun> RunToolAsync(string[] arguments)
    {
        using var process = await StartToolAsync(arguments);
        process.StandardInput.Close();
        return await ToolRun.EndAsync(process, TestContext.Current.CancellationToken);
    }

    private async Task<Process> StartWorkerAsync(string name)
    {
        var worker = await StartToolAsync(["worker", "--broker", SharedServer.Server.Uri, "--cluster", _cluster, "--name", name, "--workers", "1"]);
        string? line = await worker.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
        line.ShouldNotBeNull().ShouldContain($"node '{name}' is connected");
        return worker;
    }

    private async Task UntilLoggedAsync(int items)
    {
        while (!File.Exists(Log) || (await File.ReadAllLinesAsync(Log, TestContext.Current.CancellationToken)).Length < items + 1) // the first line describes the run
            await TestTimer.PauseAsync(20);
    }
}
