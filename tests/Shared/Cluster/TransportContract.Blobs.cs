namespace Samovar.Tests.Cluster;

public abstract partial class TransportContract
{
    [ProcessTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256 * 1024)]
    [InlineData(3 * 1024 * 1024)]
    [InlineData((3 * 1024 * 1024) + 17)]
    public async Task A_blob_is_read_as_it_was_stored(int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        await using var writer = await ConnectAsync(new RecordingReceiver());
        await using var reader = await ConnectAsync(new RecordingReceiver());

        await writer.PutBlobAsync("build-1_A", new MemoryStream(content));

        (await ReadBlobAsync(reader, "build-1_A")).ShouldBe(content);
        (await ReadBlobAsync(writer, "build-1_A")).ShouldBe(content); // as often as wanted
    }

    [ProcessFact]
    public async Task A_blob_that_does_not_exist_is_null()
    {
        await using var member = await ConnectAsync(new RecordingReceiver());

        (await member.OpenBlobAsync("missing")).ShouldBeNull();
    }

    [ProcessFact]
    public async Task A_blob_is_read_from_the_current_position_of_its_source()
    {
        await using var member = await ConnectAsync(new RecordingReceiver());
        var source = new MemoryStream([1, 2, 3, 4]) { Position = 2 };

        await member.PutBlobAsync("key", source);

        (await ReadBlobAsync(member, "key")).ShouldBe([3, 4]);
    }

    [ProcessFact]
    public async Task Putting_a_blob_twice_stores_it_once()
    {
        await using var member = await ConnectAsync(new RecordingReceiver());
        byte[] content = [1, 2, 3];

        await member.PutBlobAsync("key", new MemoryStream(content));
        await member.PutBlobAsync("key", new MemoryStream(content));

        (await ReadBlobAsync(member, "key")).ShouldBe(content);
    }

    [ProcessFact]
    public async Task Members_can_put_the_same_blob_at_the_same_time()
    {
        byte[] content = new byte[1024 * 1024];
        new Random(3).NextBytes(content);
        await using var first = await ConnectAsync(new RecordingReceiver());
        await using var second = await ConnectAsync(new RecordingReceiver());

        await Task.WhenAll(
            first.PutBlobAsync("key", new MemoryStream(content)), second.PutBlobAsync("key", new MemoryStream(content)), first.PutBlobAsync("key", new MemoryStream(content)));

        (await ReadBlobAsync(first, "key")).ShouldBe(content);
    }

    [ProcessFact]
    public async Task A_blob_that_was_deleted_does_not_exist_and_can_be_stored_again()
    {
        await using var first = await ConnectAsync(new RecordingReceiver());
        await using var second = await ConnectAsync(new RecordingReceiver());
        await first.PutBlobAsync("key", new MemoryStream([1, 2, 3]));
        await first.PutBlobAsync("other", new MemoryStream([4]));

        await second.DeleteBlobAsync("key");

        (await first.OpenBlobAsync("key")).ShouldBeNull();
        (await ReadBlobAsync(first, "other")).ShouldBe([4]);
        await first.PutBlobAsync("key", new MemoryStream([5, 6]));
        (await ReadBlobAsync(second, "key")).ShouldBe([5, 6]);
    }

    [ProcessFact]
    public async Task Deleting_a_blob_that_does_not_exist_does_nothing()
    {
        await using var member = await ConnectAsync(new RecordingReceiver());

        await member.DeleteBlobAsync("missing");

        await Should.ThrowAsync<ArgumentException>(() => member.DeleteBlobAsync("not/valid"));
        await member.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(() => member.DeleteBlobAsync("missing"));
    }

    private protected static async Task<byte[]> ReadBlobAsync(ClusterConnection member, string key)
    {
        var blob = await member.OpenBlobAsync(key);
        await using (blob.ShouldNotBeNull())
        {
            using var copy = new MemoryStream();
            await blob.CopyToAsync(copy);
            return copy.ToArray();
        }
    }
}
