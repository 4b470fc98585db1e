using System.Runtime.Versioning;

namespace Samovar.Tests.Cluster;

/// <summary>Nodes run the programs of owners that are not their own build, in workers that start from a copy of the program.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClusterProgramTests : IDisposable
{
    private readonly string _store = Directory.CreateTempSubdirectory("samovar-store-").FullName;
    private readonly string _data = Directory.CreateTempSubdirectory("samovar-data-").FullName;

    public void Dispose()
    {
        Directory.Delete(_store, recursive: true);
        Directory.Delete(_data, recursive: true);
    }

    [ProcessFact]
    public async Task A_task_finds_the_folders_that_travel_with_its_program()
    {
        Directory.CreateDirectory(Path.Combine(_data, "words"));
        WriteData("words/first.txt", "tea");
        await using var executor = Create(new InMemoryTransport());

        (string text, string folder) = await executor.Submit(static () => (ReadData("words/first.txt"), AppContext.BaseDirectory));

        text.ShouldBe("tea");
        folder.ShouldStartWith(_store);
        (await executor.Map(Enumerable.Range(0, 5), static i => i * i).ToListAsync()).ShouldBe([0, 1, 4, 9, 16]);
    }

    [ProcessFact]
    public async Task A_program_that_a_node_has_received_is_not_sent_again_and_a_changed_one_is_another_program()
    {
        foreach (string content in (string[])["tea", "tea", "milk"])
        {
            WriteData("first.txt", content);
            await using var executor = Create(new InMemoryTransport());
            (await executor.Submit(static () => ReadData("first.txt"))).ShouldBe(content);
            if (content == "tea") Touch();
        }

        Directory.GetDirectories(_store).Length.ShouldBe(2);
        Directory.GetFiles(_store, "touched", SearchOption.AllDirectories).Length.ShouldBe(1); // the copy was used again, not replaced

        void Touch() => File.WriteAllText(Path.Combine(Directory.GetDirectories(_store).ShouldHaveSingleItem(), "touched"), "");
    }

    [ProcessFact]
    public async Task Two_programs_run_on_one_node_at_the_same_time()
    {
        var transport = new InMemoryTransport();
        WriteData("first.txt", "tea");
        await using var node = new ClusterNode(transport, new() { Name = "node", Workers = 2, ProgramFolder = _store });
        await node.StartAsync();
        using ProcessGate isThere = new(), isSent = new();
        await using var own = new ClusterExecutor(transport);
        await using var sent = new ClusterExecutor(transport, new() { Folders = Folders });

        var first = own.Submit(Meeting(isThere, isSent));
        var second = sent.Submit(Meeting(isSent, isThere));

        (await first).ShouldBe(AppContext.BaseDirectory);
        (await second).ShouldStartWith(_store);
    }

    [ProcessFact]
    public async Task A_node_that_runs_only_its_own_program_refuses_others()
    {
        WriteData("first.txt", "tea");
        await using var executor = Create(new InMemoryTransport(), new() { Name = "strict", RunsOtherPrograms = false });

        var error = await Should.ThrowAsync<NoMatchingNodeException>(async () => await executor.Submit(static () => 1));

        error.Message.ShouldContain("strict-1");
        error.Message.ShouldContain(nameof(ClusterNodeOptions.RunsOtherPrograms));
    }

    [ProcessFact]
    public async Task A_node_says_why_it_cannot_keep_a_program()
    {
        WriteData("first.txt", "tea");
        string file = Path.Combine(_data, "first.txt"); // a file in place of the folder
        await using var executor = Create(new InMemoryTransport(), new() { ProgramFolder = file });

        var error = await Should.ThrowAsync<NoMatchingNodeException>(async () => await executor.Submit(static () => 1));

        error.Message.ShouldContain("cannot run build");
        error.Message.ShouldContain(file);
    }

    [ProcessFact]
    public async Task A_file_that_changes_before_it_is_sent_fails_the_tasks()
    {
        WriteData("first.txt", "tea");
        var transport = new InMemoryTransport();
        await using var executor = new ClusterExecutor(transport, new() { Folders = Folders });
        var waiting = executor.Submit(static () => 1);
        Directory.Delete(_data, recursive: true);

        await using var node = new ClusterNode(transport, new() { ProgramFolder = _store });
        await node.StartAsync();

        var error = await Should.ThrowAsync<NoMatchingNodeException>(async () => await waiting);
        error.Message.ShouldContain(_data);
        Directory.CreateDirectory(_data);
    }

    [ThreadFact]
    public void A_folder_that_does_not_exist_or_has_a_wrong_name_is_refused_at_once()
    {
        var transport = new InMemoryTransport();
        Should.Throw<DirectoryNotFoundException>(() => new ClusterExecutor(transport, new() { Folders = new Dictionary<string, string> { ["data"] = "/does/not/exist" } }))
            .Message.ShouldContain("/does/not/exist");
        foreach (string name in (string[])["", "a/b", "..", ".", "a\\b", "c:"])
            Should.Throw<ArgumentException>(() => new ClusterExecutorOptions { Folders = new Dictionary<string, string> { [name] = _data } }).ParamName.ShouldBe("Folders");
    }

    [ProcessFact]
    public async Task A_node_that_leaves_gives_tasks_that_wait_for_their_program_to_others()
    {
        WriteData("first.txt", "tea");
        var transport = new RecordingTransport();
        await using var executor = new ClusterExecutor(transport, new() { Name = "owner", Folders = Folders });
        await executor.ConnectAsync();
        transport.Interrupt("owner"); // so that it does not answer
        var leaving = new ClusterNode(transport, new() { Name = "leaving", ProgramFolder = _store });
        await leaving.StartAsync();
        var future = executor.Submit(static () => ReadData("first.txt"));
        transport.Restore("owner");
        await leaving.StopAsync();

        await using var other = new ClusterNode(transport, new() { Name = "other", ProgramFolder = _store });
        await other.StartAsync();

        (await future).ShouldBe("tea");
    }

    [ProcessFact]
    public async Task A_message_of_a_task_that_runs_for_long_is_acknowledged_and_its_outcome_still_arrives()
    {
        var time = new ManualTimeProvider();
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node", options: new() { HoldLimit = TimeSpan.Zero, Time = time });
        Gate release = cluster.NewGate(), started = cluster.NewGate();
        var future = cluster.Executor.Submit(Meeting((ProcessGate)started, (ProcessGate)release));
        await started.PassAsync();

        time.Advance(TimeSpan.FromSeconds(5));
        await cluster.UntilQueuesAreEmptyAsync("node");

        future.State.ShouldBe(FutureState.Running);
        release.Open();
        (await future).ShouldNotBeEmpty();
    }

    [ProcessFact]
    public async Task The_time_for_which_a_message_was_held_counts_until_it_is_acknowledged()
    {
        var time = new ManualTimeProvider();
        await using var cluster = new ClusterUnderTest();
        var node = await cluster.StartNodeAsync("node", workers: 1, options: new() { HoldLimit = TimeSpan.FromSeconds(10), Time = time });
        Gate releaseFirst = cluster.NewGate(), startedFirst = cluster.NewGate(), release = cluster.NewGate(), started = cluster.NewGate();
        var first = cluster.Executor.Submit(Meeting((ProcessGate)startedFirst, (ProcessGate)releaseFirst));
        await startedFirst.PassAsync();
        var second = cluster.Executor.Submit(Meeting((ProcessGate)started, (ProcessGate)release));
        await TestTimeout.UntilAsync(() => node.GetStatistics().Held == 1);

        time.Advance(TimeSpan.FromSeconds(5));
        releaseFirst.Open();
        await first;
        await started.PassAsync(); // claimed after half of the time
        time.Advance(TimeSpan.FromSeconds(5));
        await cluster.UntilQueuesAreEmptyAsync("node");

        second.State.ShouldBe(FutureState.Running);
        release.Open();
        (await second).ShouldNotBeEmpty();
    }

    private static string ReadData(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "data", name));

    private static Func<string> Meeting(ProcessGate mine, ProcessGate other) => () =>
    {
        mine.Open();
        other.Pass();
        return AppContext.BaseDirectory;
    };

    private Dictionary<string, string> Folders => new() { ["data"] = _data };

    private void WriteData(string name, string content) => File.WriteAllText(Path.Combine(_data, name), content);

    private ClusterExecutor Create(InMemoryTransport transport, ClusterNodeOptions? node = null)
    {
        node ??= new();
        return ClusterExecutor.InMemory(
            options: new() { Folders = Folders }, transport: transport, nodeOptions: node.ProgramFolder is null ? node with { ProgramFolder = _store } : node);
    }
}
