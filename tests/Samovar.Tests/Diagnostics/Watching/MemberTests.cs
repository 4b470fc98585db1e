using System.Runtime.Versioning;
using System.Text.Json;
using Samovar.Tests.Cluster;

namespace Samovar.Tests.Diagnostics.Watching;

/// <summary>What a watcher sees of the clusters of a process, and what it can do there.</summary>
[SupportedOSPlatform("linux")]
[Collection(nameof(Watcher))]
public sealed class MemberTests
{
    private static readonly ClusterKeys s_keys = new("right", new byte[32]);

    [ProcessFact]
    public async Task A_picture_has_the_nodes_that_an_executor_knows_from_their_beacons()
    {
        await using var cluster = new ClusterUnderTest(new() { Cluster = "watched" });
        await cluster.StartNodeAsync("bob", workers: 3, options: new() { Cluster = "watched" });
        await cluster.StartNodeAsync("ann", options: new() { Cluster = "watched", Resources = { ["gpu"] = 2 } });
        await cluster.Executor.Submit(static () => 1);
        await using var watcher = await Watcher.StartAsync();

        var owner = await MemberAsync(watcher, "executor", "watched", static member => Nodes(member).Count(static node => node.TryGetProperty("beacon", out _)) == 2);
        var node = await MemberAsync(watcher, "node", "watched", static member => member.GetProperty("name").GetString() == "bob");

        var nodes = Nodes(owner);
        nodes.ConvertAll(static node => node.GetProperty("name").GetString()).ShouldBe(["ann", "bob"]);
        nodes.ConvertAll(static node => node.GetProperty("workers").GetInt32()).ShouldBe([1, 3]);
        nodes.ShouldAllBe(node => node.GetProperty("build").GetString() == owner.GetProperty("build").GetString() && node.GetProperty("state").GetString() == "accepting");
        nodes.ShouldAllBe(static node => node.GetProperty("beacon").GetDouble() >= 0);
        nodes.ConvertAll(static node => node.TryGetProperty("resources", out var resources) ? resources.GetRawText() : null)
            .ShouldBe(["""[{"name":"gpu","total":2,"inUse":0,"waiting":0}]""", null]);
        owner.GetProperty("name").GetString().ShouldBe("owner");
        owner.GetProperty("state").GetString().ShouldBe("connected");
        owner.GetProperty("broker").GetString().ShouldBe("memory");
        owner.GetProperty("duplicates").GetInt32().ShouldBe(0);
        owner.GetProperty("nodesTotal").GetInt32().ShouldBe(2);
        node.GetProperty("self").GetProperty("workers").GetInt32().ShouldBe(3);
        node.TryGetProperty("nodes", out _).ShouldBeFalse();
    }

    [ProcessFact]
    public async Task A_node_that_has_left_and_an_executor_that_has_stopped_are_not_in_the_picture()
    {
        await using var watcher = await Watcher.StartAsync();
        await using (var cluster = new ClusterUnderTest(new() { Cluster = "gone" }))
        {
            var node = await cluster.StartNodeAsync("ann", options: new() { Cluster = "gone" });
            await MemberAsync(watcher, "executor", "gone", static member => Nodes(member).Count == 1);
            await node.StopAsync();
            await MemberAsync(watcher, "executor", "gone", static member => Nodes(member).Count == 0);
        }

        await watcher.PictureAsync(static picture => Members(picture).TrueForAll(static member => member.GetProperty("cluster").GetString() != "gone"));
    }

    [ProcessFact]
    public async Task Dead_letters_are_listed_and_a_watcher_with_commands_puts_them_back_or_drops_them()
    {
        await using var cluster = new ClusterUnderTest(new() { Cluster = "dead", Keys = s_keys });
        _ = cluster.Executor.Submit(static () => 1, new() { Name = "first" });
        await RefuseAsync(cluster, dead: 1);
        _ = cluster.Executor.Submit(static () => 2, new() { Name = "second" });
        await RefuseAsync(cluster, dead: 2);
        await using var watcher = await Watcher.StartAsync(allowsCommands: true);
        int member = (await MemberAsync(watcher, "executor", "dead", static _ => true)).GetProperty("member").GetInt32();

        (await DepthAsync(watcher, member)).ShouldBe((0, 2));
        var letters = (await watcher.AskAsync($"\"what\":\"letters\",\"member\":{member}")).GetProperty("letters").EnumerateArray().ToList();
        letters.Count.ShouldBe(2);
        letters[0].GetProperty("movedBy").GetString().ShouldBe("wrong");
        letters[0].GetProperty("firstTasks")[0].GetString().ShouldBe("1 first, attempt 1");
        letters[0].GetProperty("reason").GetString().ShouldBe("refused: UnknownKey");
        (await watcher.AskAsync($"\"what\":\"letters\",\"member\":{member},\"limit\":1")).GetProperty("letters").GetArrayLength().ShouldBe(1);

        var retried = await watcher.AskAsync($"\"what\":\"settle\",\"member\":{member},\"action\":\"retry\",\"ids\":[\"{letters[1].GetProperty("id").GetString()}\"]");
        retried.GetProperty("count").GetInt32().ShouldBe(1);
        (await DepthAsync(watcher, member)).ShouldBe((1, 1));
        var dropped = await watcher.AskAsync($"\"what\":\"settle\",\"member\":{member},\"action\":\"drop\",\"all\":true");
        (dropped.GetProperty("done").GetBoolean(), dropped.GetProperty("count").GetInt32()).ShouldBe((true, 1));
        (await DepthAsync(watcher, member)).ShouldBe((1, 0));
        (await watcher.AskAsync($"\"what\":\"settle\",\"member\":{member},\"action\":\"drop\",\"all\":true")).GetProperty("done").GetBoolean().ShouldBeFalse();
    }

    [ProcessFact]
    public async Task Requests_that_cannot_be_carried_out_are_answered_with_the_reason()
    {
        await using var cluster = new ClusterUnderTest(new() { Cluster = "refused" });
        await cluster.Executor.ConnectAsync();
        await using var node = new ClusterNode(cluster.Transport, new() { Name = "idle", Cluster = "refused" }); // not started, so not connected
        await using var watcher = await Watcher.StartAsync();
        int member = (await MemberAsync(watcher, "executor", "refused", static _ => true)).GetProperty("member").GetInt32();
        int unconnected = (await MemberAsync(watcher, "node", "refused", static _ => true)).GetProperty("member").GetInt32();

        await ErrorOfAsync("\"what\":\"settle\",\"member\":" + member, "may only read");
        await ErrorOfAsync("\"what\":\"letters\",\"member\":999999", "no member 999999");
        await ErrorOfAsync("\"what\":\"cluster\",\"member\":" + unconnected, "'idle' is not connected");

        async Task ErrorOfAsync(string request, string text) => (await watcher.AskAsync(request)).GetProperty("error").GetString()!.ShouldContain(text);
    }

    /// <summary>Lets a node with another key take what is queued, which becomes dead letters.</summary>
    private static async Task RefuseAsync(ClusterUnderTest cluster, int dead)
    {
        var wrong = await cluster.StartNodeAsync("wrong", options: new() { Cluster = "dead", Keys = new ClusterKeys("other", new byte[32]) });
        await QueueDepthAssert.BecomesAsync(cluster.Transport.Of("wrong"), new ClusterQueueDepth(0, 0, 0, dead));
        await wrong.StopAsync();
    }

    private static async Task<(int Normal, int Dead)> DepthAsync(Watcher watcher, int member)
    {
        var depth = await watcher.AskAsync($"\"what\":\"cluster\",\"member\":{member}");
        return (depth.GetProperty("normal").GetInt32(), depth.GetProperty("dead").GetInt32());
    }

    private static async Task<JsonElement> MemberAsync(Watcher watcher, string role, string cluster, Func<JsonElement, bool> condition)
    {
        var picture = await watcher.PictureAsync(picture => Members(picture).Exists(Matches));
        return Members(picture).Find(Matches);

        bool Matches(JsonElement member) => member.GetProperty("role").GetString() == role && member.GetProperty("cluster").GetString() == cluster && condition(member);
    }

    private static List<JsonElement> Members(JsonElement picture) => [.. picture.GetProperty("clusters").EnumerateArray()];

    private static List<JsonElement> Nodes(JsonElement member) => [.. member.GetProperty("nodes").EnumerateArray()];
}
