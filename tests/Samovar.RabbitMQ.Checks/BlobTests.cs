using System.Runtime.Versioning;
using System.Security.Cryptography;
using Samovar.RabbitMQ.Blobs;
using Samovar.RabbitMQ.Connections;
using Samovar.Tests.Cluster;

namespace Samovar.RabbitMQ.Checks;

/// <summary>Long work and results in a broker, and what is left of them.</summary>
[SupportedOSPlatform("linux")]
public sealed class BlobTests
{
    private readonly string _cluster = $"blobs-{Guid.NewGuid():N}";

    [ProcessFact]
    public async Task Long_work_long_results_and_work_that_a_map_shares_travel_and_leave_nothing()
    {
        byte[] content = Content(10 << 20); // more than a message may have
        await using (var node = new ClusterNode(Transport(), new() { Cluster = _cluster, Name = "node", Workers = 2 }))
        await using (var executor = new ClusterExecutor(Transport(), new() { Cluster = _cluster }))
        {
            await node.StartAsync();

            byte[] reversed = await executor.Submit(Reversing(content));
            var sums = await executor.Map(Enumerable.Range(0, 50), i => i + content[i]).ToListAsync(TestContext.Current.CancellationToken);

            HashOf(reversed).ShouldBe(HashOf([.. Enumerable.Reverse(content)]));
            sums.ShouldBe(Enumerable.Range(0, 50).Select(i => i + content[i]));
        }

        (await BlobQueuesAsync()).ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task A_task_fails_with_the_reason_if_the_stream_of_its_work_was_deleted()
    {
        await using var executor = new ClusterExecutor(Transport(), new() { Cluster = _cluster });
        byte[] content = Content(5 << 20);
        var future = executor.Submit(() => content.Length);
        await using var observer = await ConnectAsync(new());
        await QueueDepthAssert.BecomesAsync(observer, new ClusterQueueDepth(0, 1, 0, 0));
        string stream = (await BlobQueuesAsync()).Single(static queue => !queue.EndsWith(".complete", StringComparison.Ordinal));
        await SharedServer.Server.ControlAsync("delete_queue", stream);

        await using var node = new ClusterNode(Transport(), new() { Cluster = _cluster, Name = "node", Workers = 1 });
        await node.StartAsync();

        (await Should.ThrowAsync<IOException>(async () => await future)).Message.ShouldContain("Node 'node' could not fetch the work");
    }

    [ProcessFact]
    public async Task A_sweep_deletes_what_is_left_of_blobs_that_have_expired_or_were_never_completed_and_keeps_the_others()
    {
        await using var shortly = await ConnectAsync(new() { BlobRetention = TimeSpan.FromSeconds(1) });
        await using var member = await ConnectAsync(new());
        await member.PutBlobAsync("kept", new MemoryStream([1, 2, 3]));
        await shortly.PutBlobAsync("expired", new MemoryStream([4]));
        var connection = (RabbitMQConnection)member;
        await BlobIndex.AddAsync(connection, "part", CancellationToken.None); // as if the member was killed while it stored the blob
        await connection.RequestAsync(
            (session, token) => BlobFormat.DeclareStreamAsync(session.Requests, connection.Names.Blob("part"), TimeSpan.FromDays(1), token), CancellationToken.None);
        while ((await BlobQueuesAsync()).Contains($"samovar.{_cluster}.blob.expired.complete")) continue; // each look takes about half a second
        var index = connection.Index;

        (await index.SweepAsync(TimeSpan.FromHours(1), CancellationToken.None)).ShouldBe(0); // all are young
        (await BlobQueuesAsync()).ShouldContain($"samovar.{_cluster}.blob.expired");
        (await index.SweepAsync(TimeSpan.Zero, CancellationToken.None)).ShouldBe(2);

        (await BlobQueuesAsync()).ShouldBe([$"samovar.{_cluster}.blob.kept", $"samovar.{_cluster}.blob.kept.complete"], ignoreOrder: true);
        (await index.SweepAsync(TimeSpan.Zero, CancellationToken.None)).ShouldBe(0); // the entry of the blob that exists is there again
        await member.DeleteBlobAsync("kept");
        (await BlobQueuesAsync()).ShouldBeEmpty();
    }

    private static RabbitMQTransport Transport() => new(SharedServer.Server.Uri);

    private static byte[] Content(int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        return content;
    }

    private static string HashOf(byte[] content) => Convert.ToHexString(SHA256.HashData(content));

    private static Func<byte[]> Reversing(byte[] content) => () =>
    {
        byte[] reversed = [.. content];
        Array.Reverse(reversed);
        return reversed;
    };

    private Task<ClusterConnection> ConnectAsync(RabbitMQTransportOptions options) =>
        new RabbitMQTransport(SharedServer.Server.Uri, options).ConnectAsync(new ClusterMember(_cluster, "member"), new RecordingReceiver());

    private async Task<string[]> BlobQueuesAsync() =>
        [.. (await SharedServer.Server.ControlAsync("list_queues", "--no-table-headers", "name")).Split('\n').Where(queue => queue.StartsWith($"samovar.{_cluster}.blob.", StringComparison.Ordinal))];
}
