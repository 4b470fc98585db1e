using System.Runtime.Versioning;
using System.Text.Json;
using Samovar.Cli.Cluster;
using Samovar.Tests.Cluster;

namespace Samovar.Cli.Tests.Cluster;

/// <summary><c>samovar cluster dead</c> with a transport in memory: two tasks that a node with a wrong key has refused.</summary>
[SupportedOSPlatform("linux")]
public sealed class DeadLetterTests : IAsyncDisposable
{
    private static readonly ClusterKeys s_keys = new("right", new byte[32]);

    private readonly WatchedTransport _transport = new();
    private readonly StringWriter _results = new();
    private readonly LogLines _log = new();
    private readonly List<Future<int>> _tasks = [];
    private ClusterExecutor? _executor;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DeadLetterJob Job => new(new ClusterTarget(_transport, "default", s_keys), new ClusterOutput(_results, _log));

    public async ValueTask DisposeAsync()
    {
        if (_executor is not null) await _executor.ShutdownAsync(ShutdownMode.Kill);
        await _results.DisposeAsync();
        await _log.DisposeAsync();
    }

    [ProcessFact]
    public async Task They_are_listed_with_their_reasons()
    {
        await RefuseAsync("one", "two");

        (await Job.ListAsync(most: 10, isJson: false, Cancellation)).ShouldBe(ExitCode.Success);

        string[] lines = _results.ToString().TrimEnd().Split(Environment.NewLine);
        lines[0].ShouldMatch("ID +TIME \\(UTC\\) +QUEUE +BYTES +TASKS +MOVED BY +REASON");
        lines.Length.ShouldBe(3);
        lines[1].ShouldMatch("[0-9a-f]{12} +[-0-9]{10} [:0-9]{8} +normal +[0-9,]+ +1 +wrong +refused: UnknownKey");
        _log.Lines.ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task At_most_so_many_are_listed_and_a_line_says_so()
    {
        await RefuseAsync("one", "two");

        await Job.ListAsync(most: 1, isJson: true, Cancellation);

        JsonElement.Parse(_results.ToString()).EnumerateArray().ShouldHaveSingleItem().GetProperty("tasks")[0].GetProperty("name").GetString().ShouldBe("one");
        _log.Lines.ShouldHaveSingleItem().ShouldContain("there may be more than the 1 shown");
    }

    [ProcessFact]
    public async Task One_is_shown_by_the_first_digits_of_its_id()
    {
        await RefuseAsync("one");
        string id = await IdOfAsync("one");

        await Job.ShowAsync(id[..4], isJson: false, Cancellation);

        string text = _results.ToString();
        text.ShouldContain($"id          {id}\n");
        text.ShouldContain("moved by    wrong\n");
        text.ShouldMatch("task        [0-9]+, attempt 1, [0-9,]+ bytes: one\n");
    }

    [ProcessFact]
    public async Task Those_that_are_put_back_run_and_others_stay()
    {
        await RefuseAsync("one", "two");

        (await Job.SettleAsync([await IdOfAsync("two")], DeadLetterAction.Retry, Cancellation)).ShouldBe(ExitCode.Success);

        _results.ToString().ShouldBe($"1 dead letter put back into the task queues.{Environment.NewLine}");
        await using var node = await StartNodeAsync("good", s_keys);
        (await _tasks[1]).ShouldBe(2);
        _tasks[0].State.ShouldBe(FutureState.Queued);
        (await ReadAsync()).ShouldHaveSingleItem().GetProperty("tasks")[0].GetProperty("name").GetString().ShouldBe("one");
    }

    [ProcessFact]
    public async Task All_are_dropped_and_nothing_is_left()
    {
        await RefuseAsync("one", "two");

        await Job.SettleAsync(null, DeadLetterAction.Drop, Cancellation);
        await Job.ListAsync(most: 10, isJson: false, Cancellation);
        await Job.SettleAsync(null, DeadLetterAction.Drop, Cancellation);

        _results.ToString().Split(Environment.NewLine).ShouldBe(["2 dead letters dropped.", "cluster 'default' at memory has no dead letters.", "0 dead letters dropped.", ""]);
    }

    [ProcessTheory]
    [InlineData("zzzz", "has no dead letter 'zzzz'")]
    [InlineData("a", "has no dead letter 'a'. 'samovar cluster dead list' shows their ids, of which at least 4 digits are needed.")]
    public async Task An_unknown_id_is_an_error_and_nothing_changes(string id, string message)
    {
        await RefuseAsync("one");

        (await Should.ThrowAsync<UsageException>(async () => await Job.SettleAsync([await IdOfAsync("one"), id], DeadLetterAction.Drop, Cancellation))).Message.ShouldContain(message);

        (await ReadAsync()).ShouldHaveSingleItem();
    }

    /// <summary>Submits a task for each name, and lets a node with another key take them.</summary>
    private async Task RefuseAsync(params string[] names)
    {
        await using var wrong = await StartNodeAsync("wrong", new ClusterKeys("other", new byte[32]));
        await using var observer = await _transport.ConnectAsync(new ClusterMember("default", "observer"), new SilentReceiver());
        _executor = new ClusterExecutor(_transport, new() { Keys = s_keys });
        for (int i = 0; i < names.Length; i++)
        {
            int result = i + 1;
            _tasks.Add(_executor.Submit(() => result, new() { Name = names[i] }));
            await QueueDepthAssert.BecomesAsync(observer, new ClusterQueueDepth(0, 0, 0, i + 1)); // so each has a message of its own
        }
    }

    private async Task<ClusterNode> StartNodeAsync(string name, ClusterKeys keys)
    {
        var node = new ClusterNode(_transport, new() { Name = name, Workers = 1, Keys = keys, WorkerOptions = new() { InProcess = true } });
        await node.StartAsync();
        return node;
    }

    private async Task<string> IdOfAsync(string name) =>
        (await ReadAsync()).Single(letter => letter.GetProperty("tasks")[0].GetProperty("name").GetString() == name).GetProperty("id").GetString()!;

    private async Task<List<JsonElement>> ReadAsync()
    {
        await using var json = new StringWriter();
        await new DeadLetterJob(new ClusterTarget(_transport, "default", s_keys), new ClusterOutput(json, _log)).ListAsync(100, isJson: true, Cancellation);
        return [.. JsonElement.Parse(json.ToString()).EnumerateArray()];
    }
}
