using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using Samovar.Cli;
using Samovar.Cli.Tests;

namespace Samovar.RabbitMQ.Checks;

/// <summary>The commands of the tool for clusters, as processes, with a real broker.</summary>
[SupportedOSPlatform("linux")]
public sealed class ToolTests
{
    private readonly string _cluster = $"tool-{Guid.NewGuid():N}";
    private readonly string _keys = $"key1:{Convert.ToBase64String(new byte[32])}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private (string Name, string? Value)[] Variables => [("SAMOVAR_BROKER", SharedServer.Server.Uri), ("SAMOVAR_CLUSTER", _cluster), ("SAMOVAR_CLUSTER_KEY", _keys)];

    [ProcessFact]
    public async Task A_worker_is_in_the_status_and_exits_when_it_is_drained()
    {
        using var worker = await StartWorkerAsync("ann", "--resource", "gpu=2", "--resource", "memory=1GiB");

        var status = await ToolRun.ToolAsync(Variables, "cluster", "status", "--json");
        var table = await ToolRun.ToolAsync(Variables, "cluster", "status");
        var drain = await ToolRun.ToolAsync(Variables, "cluster", "drain", "ann");
        var exit = await ToolRun.EndAsync(worker, Cancellation);

        status.ExitCode.ShouldBe(ExitCode.Success, status.Error);
        var node = JsonElement.Parse(status.Output).GetProperty("nodes").EnumerateArray().ShouldHaveSingleItem();
        (node.GetProperty("name").GetString(), node.GetProperty("workers").GetInt32()).ShouldBe(("ann", 2));
        node.GetProperty("resources").GetRawText().Replace(" ", "", StringComparison.Ordinal).ReplaceLineEndings("")
            .ShouldBe("""[{"name":"gpu","total":2,"inUse":0,"waiting":0},{"name":"memory","total":1073741824,"inUse":0,"waiting":0}]""");
        table.Output.ShouldContain("gpu 0 of 2, memory 0 of 1073741824");
        JsonElement.Parse(status.Output).GetProperty("broker").GetString().ShouldStartWith("RabbitMQ ");
        drain.ExitCode.ShouldBe(ExitCode.Success, drain.Error);
        drain.Error.ShouldEndWith("samovar: node 'ann' has left the cluster.\n");
        exit.ExitCode.ShouldBe(ExitCode.Success, exit.Error);
        exit.Error.ShouldEndWith("samovar: node 'ann' has left the cluster; 0 tasks completed.\n");
        exit.Output.ShouldBeEmpty();
    }

    [ProcessTheory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_worker_leaves_at_a_signal(string signal)
    {
        using var worker = await StartWorkerAsync("ann");

        await ToolRun.ProgramAsync("kill", [$"-{signal}", $"{worker.Id}"]);
        var exit = await ToolRun.EndAsync(worker, Cancellation);

        exit.ExitCode.ShouldBe(ExitCode.Success, exit.Error);
        exit.Error.ShouldContain("takes no more tasks, and waits up to 30.0 s for 0 running tasks");
    }

    [ProcessFact]
    public async Task A_worker_whose_broker_starts_later_connects_then_and_says_why_it_cannot_connect_again()
    {
        await using var server = await RabbitMQServer.StartAsync();
        await server.KillBrokerAsync();
        using var worker = await StartAsync([("SAMOVAR_BROKER", server.Uri)], "worker", "--name", "ann");
        (await worker.StandardError.ReadLineAsync(Cancellation)).ShouldNotBeNull().ShouldContain("cannot be reached: Connection refused. Check that the broker runs");

        await server.StartBrokerAsync();

        await UntilLineAsync(worker, "takes tasks");
        await server.KillBrokerAsync();
        await UntilLineAsync(worker, "the connection to the broker is interrupted");
        await UntilLineAsync(worker, "the connection to the broker is still interrupted: RabbitMQ at amqp://guest@127.0.0.1");
        await ToolRun.ProgramAsync("kill", ["-TERM", $"{worker.Id}"]);
        (await ToolRun.EndAsync(worker, Cancellation)).ExitCode.ShouldBe(ExitCode.Success);
    }

    [ProcessFact]
    public async Task A_message_that_a_worker_refuses_is_listed_shown_put_back_and_dropped()
    {
        await using var stranger = await new RabbitMQTransport(SharedServer.Server.Uri).ConnectAsync(new ClusterMember(_cluster, "stranger"), new Tests.Cluster.RecordingReceiver());
        using var worker = await StartWorkerAsync("ann");
        await stranger.PublishAsync(TaskPriority.Low, "This is no message of a cluster."u8.ToArray(), Cancellation);
        await Tests.Cluster.QueueDepthAssert.BecomesAsync(stranger, new ClusterQueueDepth(0, 0, 0, 1));

        var list = await ToolRun.ToolAsync(Variables, "cluster", "dead", "list", "--json");
        string id = JsonElement.Parse(list.Output).EnumerateArray().ShouldHaveSingleItem().GetProperty("id").GetString()!;
        var show = await ToolRun.ToolAsync(Variables, "cluster", "dead", "show", id);
        var retry = await ToolRun.ToolAsync(Variables, "cluster", "dead", "retry", "--all");
        await Tests.Cluster.QueueDepthAssert.BecomesAsync(stranger, new ClusterQueueDepth(0, 0, 0, 1)); // refused again
        var drop = await ToolRun.ToolAsync(Variables, "cluster", "dead", "drop", id);

        show.Output.ShouldContain("queue       low\n");
        show.Output.ShouldContain("moved by    ann\n");
        show.Output.ShouldContain("content     it is no message of a cluster, or was truncated\n");
        retry.ShouldBe(new ToolRun(ExitCode.Success, "1 dead letter put back into the task queues.\n", ""));
        drop.ShouldBe(new ToolRun(ExitCode.Success, "1 dead letter dropped.\n", ""));
        await Tests.Cluster.QueueDepthAssert.BecomesAsync(stranger, new ClusterQueueDepth(0, 0, 0, 0));
        worker.Kill();
    }

    [ProcessFact]
    public async Task The_doctor_finds_what_a_broker_can_do_and_leaves_nothing_there()
    {
        string host = $"doctor-{Guid.NewGuid():N}";
        await SharedServer.Server.ControlAsync("add_vhost", host);
        await SharedServer.Server.ControlAsync("set_permissions", "-p", host, "guest", ".*", ".*", ".*");

        var report = await ToolRun.ToolAsync("doctor", "--json", "--broker", SharedServer.Server.Uri + host);

        report.ExitCode.ShouldBe(ExitCode.Success, report.Output);
        var features = JsonElement.Parse(report.Output).GetProperty("features").EnumerateArray().ToDictionary(static one => one.GetProperty("name").GetString()!, static one => one.GetProperty("present").GetBoolean());
        features.Keys.ShouldBe(["reachable", "login", "virtual-host", "version", "permissions", "quorum-queues", "confirms", "streams", "queue-timeouts", "free-returns"]);
        features.Take(8).ShouldAllBe(static one => one.Value);
        (await SharedServer.Server.ControlAsync("list_queues", "-p", host)).ShouldNotContain("samovar");
        (await SharedServer.Server.ControlAsync("list_exchanges", "-p", host)).ShouldNotContain("samovar");
    }

    [ProcessFact]
    public async Task The_doctor_says_at_which_step_a_broker_refuses_a_member_and_what_to_do()
    {
        string user = $"user{Guid.NewGuid():N}";
        await SharedServer.Server.ControlAsync("add_user", user, "secret");
        string uri = SharedServer.Server.Uri.Replace("guest:guest", $"{user}:secret", StringComparison.Ordinal);

        await FirstMissingAsync(uri.Replace("secret", "wrong", StringComparison.Ordinal), ExitCode.NoAnswer, "login", $"refused the password of user '{user}'");
        await FirstMissingAsync(SharedServer.Server.Uri + "nowhere", ExitCode.NoAnswer, "virtual-host", "has no virtual host 'nowhere'. Correct the address");
        await FirstMissingAsync(uri, ExitCode.NoAnswer, "virtual-host", $"does not permit user '{user}' to use the virtual host '/'. Permit it with");
        await SharedServer.Server.ControlAsync("set_permissions", user, "^other", ".*", ".*");
        await FirstMissingAsync(uri, ExitCode.Unfit, "permissions", $"does not permit user '{user}' to create or use the queues of the cluster");
        await FirstMissingAsync(RabbitMQServer.UriFor(1), ExitCode.NoAnswer, "reachable", "cannot be reached: Connection refused. Check that the broker runs");
    }

    private static async Task FirstMissingAsync(string uri, int exitCode, string name, string detail)
    {
        var report = await ToolRun.ToolAsync("doctor", "--json", "--broker", uri);
        report.ExitCode.ShouldBe(exitCode, report.Output);
        report.Output.ShouldNotContain("secret");
        var missing = JsonElement.Parse(report.Output).GetProperty("features").EnumerateArray().First(static one => !one.GetProperty("present").GetBoolean());
        missing.GetProperty("name").GetString().ShouldBe(name);
        missing.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain(detail);
    }

    private static async Task UntilLineAsync(Process worker, string text)
    {
        while (await worker.StandardError.ReadLineAsync(Cancellation) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal)) return;
        }

        throw new InvalidOperationException($"The worker exited before it wrote '{text}'.");
    }

    private static Task<Process> StartAsync((string Name, string? Value)[] variables, params string[] arguments) =>
        Starter.StartAsync("dotnet", [ToolRun.ToolPath, .. arguments], variables);

    private async Task<Process> StartWorkerAsync(string name, params string[] options)
    {
        var worker = await StartAsync(Variables, ["worker", "--name", name, "--workers", "2", .. options]);
        await UntilLineAsync(worker, $"node '{name}' is connected to cluster '{_cluster}'");
        return worker;
    }
}
