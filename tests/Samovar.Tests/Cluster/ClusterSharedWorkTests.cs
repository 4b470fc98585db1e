using System.Runtime.Versioning;

namespace Samovar.Tests.Cluster;

/// <summary>Work that the items of a map share, and that is too long for messages.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClusterSharedWorkTests
{
    private readonly ConnectionHooks _hooks = new();

    [ProcessFact]
    public async Task Work_that_the_items_of_a_map_share_is_stored_once_and_fetched_once_by_each_node()
    {
        await using var cluster = new ClusterUnderTest(transport: _hooks.CreateTransport());
        await cluster.StartNodeAsync("ann", workers: 2);
        await cluster.StartNodeAsync("bob", workers: 2);
        byte[] table = Content();

        var results = await cluster.Executor.Map(Enumerable.Range(0, 200), i => i + table[i]).ToListAsync(TestContext.Current.CancellationToken);

        results.ShouldBe(Enumerable.Range(0, 200).Select(i => i + table[i]));
        _hooks.Opened.Select(static opened => opened.Key).Distinct().ShouldHaveSingleItem().ShouldStartWith("shared-");
        _hooks.Opened.GroupBy(static opened => opened.Member).ShouldAllBe(static ofNode => ofNode.Count() == 1);
        await TestTimeout.UntilAsync(() => ConnectionHooks.StoredIn(cluster).IsEmpty);
    }

    [ProcessFact]
    public async Task Shared_work_whose_blob_is_missing_fails_the_items_of_its_map_and_no_other_task()
    {
        await using var cluster = new ClusterUnderTest(transport: _hooks.CreateTransport());
        _hooks.Opening = (_, _) =>
        {
            ConnectionHooks.StoredIn(cluster).Clear();
            return Task.CompletedTask;
        };
        await cluster.StartNodeAsync("node", workers: 2);
        byte[] table = Content();

        var outcomes = await cluster.Executor.MapOutcomes(Enumerable.Range(0, 5), i => i + table[i]).ToListAsync(TestContext.Current.CancellationToken);

        outcomes.ShouldAllBe(static outcome => outcome.Error is IOException && outcome.Error.Message.Contains("does not exist"));
        (await cluster.Executor.Submit(static () => 1)).ShouldBe(1);
    }

    private static byte[] Content()
    {
        byte[] content = new byte[1 << 20];
        new Random(4).NextBytes(content);
        return content;
    }
}
