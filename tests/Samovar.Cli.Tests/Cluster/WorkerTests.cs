using System.Runtime.Versioning;
using Samovar.Cli.Cluster;

namespace Samovar.Cli.Tests.Cluster;

/// <summary><c>samovar worker</c> with a transport in memory: what it runs, how it leaves, and what it reports.</summary>
[SupportedOSPlatform("linux")]
public sealed class WorkerTests : IDisposable
{
    private readonly WatchedTransport _transport = new();
    private readonly LogLines _log = new();
    private readonly LeaveSignal _signal = new();

    public void Dispose()
    {
        _signal.Dispose();
        _log.Dispose();
    }

    [ProcessFact]
    public async Task It_runs_tasks_and_leaves_at_the_first_signal()
    {
        var worker = Job().RunAsync(_signal);
        await using var executor = new ClusterExecutor(_transport);

        (await executor.Submit(() => Environment.ProcessId)).ShouldNotBe(Environment.ProcessId);
        _signal.Request().ShouldBeTrue();

        (await worker).ShouldBe(ExitCode.Success);
        _log.Lines.ShouldBe(
        [
            "samovar: node 'ann' is connected to cluster 'default' at memory (memory) and takes tasks, 1 worker.",
            "samovar: node 'ann' takes no more tasks, and waits up to 30.0 s for 0 running tasks; Ctrl-C cancels them.",
            "samovar: node 'ann' has left the cluster; 1 task completed.",
        ]);
    }

    [ProcessFact]
    public async Task Its_resources_are_in_the_first_line()
    {
        var worker = Job(static options => options with { Resources = new() { ["memory"] = 2L << 30, ["gpu"] = 2 } }).RunAsync(_signal);
        await _log.ContainsAsync("and takes tasks, 1 worker; its resources: gpu 2, memory 2147483648.");

        _signal.Request();

        (await worker).ShouldBe(ExitCode.Success);
    }

    [ProcessFact]
    public async Task It_completes_what_it_runs_before_it_leaves()
    {
        using ProcessGate started = new(), release = new();
        var worker = Job().RunAsync(_signal);
        await using var executor = new ClusterExecutor(_transport);
        var task = executor.Submit(Holding(started, release));
        await started.PassAsync();

        _signal.Request();
        await _log.ContainsAsync("1 running task; Ctrl-C");
        worker.IsCompleted.ShouldBeFalse();
        release.Open();

        (await task).ShouldBeTrue();
        (await worker).ShouldBe(ExitCode.Success);
        _log.Lines[^1].ShouldBe("samovar: node 'ann' has left the cluster; 1 task completed.");
    }

    [ProcessFact]
    public async Task The_second_signal_cancels_what_runs_and_there_is_no_third_step()
    {
        using ProcessGate started = new(), release = new();
        var worker = Job().RunAsync(_signal);
        await using var executor = new ClusterExecutor(_transport);
        var task = executor.Submit(Holding(started, release));
        await started.PassAsync();

        _signal.Request();
        _signal.Request();

        (await worker).ShouldBe(ExitCode.Interrupted);
        _signal.Request().ShouldBeFalse();
        await Should.ThrowAsync<NodeLostException>(async () => await task);
        _log.Lines.ShouldContain("samovar: cancels the running tasks.");
    }

    [ProcessFact]
    public async Task It_repeats_attempts_to_connect_and_reports_each_cause_once()
    {
        var time = new ManualTimeProvider();
        _transport.Refusal = new ClusterConnectionException("The broker is away. Start it.");
        var worker = Job(time: time).RunAsync(_signal);
        await TestTimeout.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(5)); // the longest pause
            return _transport.Attempts >= 4;
        });
        _transport.Refusal = null;
        await TestTimeout.UntilAsync(() => time.ArmedTimers == 1);
        time.Advance(TimeSpan.FromSeconds(5));
        await _log.ContainsAsync("takes tasks");
        _signal.Request();

        (await worker).ShouldBe(ExitCode.Success);
        _log.Lines.Count(static line => line == "samovar: The broker is away. Start it. Attempts are repeated until one succeeds.").ShouldBe(1);
    }

    [ProcessFact]
    public async Task It_stops_trying_at_a_signal()
    {
        _transport.Refusal = new ClusterConnectionException("The broker is away. Start it.");
        var worker = Job(time: new ManualTimeProvider()).RunAsync(_signal);
        await _log.ContainsAsync("The broker is away.");

        _signal.Request();

        (await worker).ShouldBe(ExitCode.Success);
        _log.Lines[^1].ShouldBe("samovar: stopped before it was connected.");
    }

    [ProcessFact]
    public async Task With_a_limit_an_absent_broker_is_an_error()
    {
        _transport.Refusal = new ClusterConnectionException("The broker is away. Start it.");

        var error = await Should.ThrowAsync<UsageException>(() => Job(connectTimeout: TimeSpan.Zero).RunAsync(_signal));

        error.ExitCode.ShouldBe(ExitCode.NoAnswer);
        error.Message.ShouldBe("The broker is away. Start it.");
        _transport.Attempts.ShouldBe(1);
    }

    [ProcessFact]
    public async Task Interruptions_of_the_connection_are_reported()
    {
        var worker = Job().RunAsync(_signal);
        await _log.ContainsAsync("takes tasks");

        _transport.Interrupt("ann");
        await _log.ContainsAsync("is interrupted");
        _transport.Restore("ann");
        await _log.ContainsAsync("works again");
        _signal.Request();

        (await worker).ShouldBe(ExitCode.Success);
        _log.Lines.ShouldContain("samovar: the connection to the broker is interrupted: The connection was interrupted by the program. Running tasks continue, and attempts to connect are repeated.");
    }

    [ProcessFact]
    public async Task Messages_that_it_cannot_verify_are_reported_and_the_limit_of_the_wait_is_the_option()
    {
        var time = new ManualTimeProvider();
        var worker = Job(options => options with { Keys = new ClusterKeys("one", new byte[32]), DrainTimeout = Timeout.InfiniteTimeSpan }, time: time).RunAsync(_signal);
        await _log.ContainsAsync("takes tasks");
        await using var stranger = await _transport.ConnectAsync(new ClusterMember("default", "stranger"), new SilentReceiver());
        await stranger.BroadcastAsync(ClusterAudience.All, "This is no message of a cluster."u8.ToArray());
        await stranger.BroadcastAsync(ClusterAudience.All, ReadOnlyMemory<byte>.Empty);
        await TestTimeout.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(10));
            return _log.ToString().Contains("node 'ann' has refused 2 messages that it cannot verify", StringComparison.Ordinal);
        });

        _signal.Request();

        (await worker).ShouldBe(ExitCode.Success);
        _log.ToString().ShouldContain("takes no more tasks, and waits for 0 running tasks");
    }

    private static Func<bool> Holding(ProcessGate started, ProcessGate release) => () =>
    {
        started.Open();
        release.Pass();
        return true;
    };

    private WorkerJob Job(Func<ClusterNodeOptions, ClusterNodeOptions>? change = null, TimeSpan? connectTimeout = null, TimeProvider? time = null)
    {
        var options = new ClusterNodeOptions { Name = "ann", Workers = 1, WorkerOptions = new() { CancellationGrace = TimeSpan.Zero } };
        var target = new ClusterTarget(_transport, "default", null);
        return new WorkerJob(new WorkerRequest(target, change?.Invoke(options) ?? options, connectTimeout) { Time = time ?? TimeProvider.System }, _log);
    }
}
