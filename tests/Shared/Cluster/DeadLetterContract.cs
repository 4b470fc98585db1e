using System.Text;

namespace Samovar.Tests.Cluster;

/// <summary>What holds of the dead letters of every transport, and of members that only observe. A subclass creates the transport; each test has a cluster
/// of its own.</summary>
public abstract class DeadLetterContract
{
    private readonly string _cluster = $"dead-{Guid.NewGuid():N}";

    /// <summary>Creates a transport. All transports of a test reach the same broker.</summary>
    protected abstract ClusterTransport CreateTransport();

    [ProcessFact]
    public async Task Dead_letters_are_read_with_their_reasons_as_often_as_wanted()
    {
        var began = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        await using var member = await WithDeadLettersAsync("one", "two", "three");

        for (int i = 0; i < 25; i++) // RabbitMQ 4 drops what was delivered 20 times, unless the queue has another limit
        {
            var letters = await ReadAsync(member, expected: 3);
            letters.Select(letter => Text(letter.Body)).ShouldBe(["one", "two", "three"]);
            letters.Select(static letter => letter.Reason).ShouldBe(["one is bad.", "two is bad.", "three is bad."]);
            letters.ShouldAllBe(letter => letter.Member == "member" && letter.Priority == TaskPriority.Normal && letter.Time >= began && letter.Deliveries == 1);
            letters.Select(static letter => letter.Id).Distinct(StringComparer.Ordinal).Count().ShouldBe(3);
        }

        await QueueDepthAssert.BecomesAsync(member, new ClusterQueueDepth(0, 0, 0, 3));
    }

    [ProcessFact]
    public async Task At_most_so_many_dead_letters_are_read_the_oldest_first()
    {
        await using var member = await WithDeadLettersAsync("one", "two", "three");

        (await ReadAsync(member, expected: 2, most: 2)).Select(letter => Text(letter.Body)).ShouldBe(["one", "two"]);
        (await ReadAsync(member, expected: 3)).Select(letter => Text(letter.Body)).ShouldBe(["one", "two", "three"]);
    }

    [ProcessFact]
    public async Task Dead_letters_are_retried_dropped_and_kept_one_by_one()
    {
        var receiver = new RecordingReceiver();
        await using var member = await WithDeadLettersAsync("retried", "dropped", "kept");
        await using var consumer = await ConnectAsync(receiver);
        await consumer.SetCreditAsync(10);

        (await member.ReviewDeadLettersAsync(static letter => Text(letter.Body) switch
        {
            "retried" => DeadLetterAction.Retry,
            "dropped" => DeadLetterAction.Drop,
            _ => DeadLetterAction.Keep,
        })).ShouldBe(3);

        var again = (await receiver.DeliveriesAsync(1))[0];
        (Text(again.Body), again.Priority, again.PreviousDeliveries).ShouldBe(("retried", TaskPriority.Normal, 0));
        again.Acknowledge();
        await QueueDepthAssert.BecomesAsync(member, new ClusterQueueDepth(0, 0, 0, 1));
        (await ReadAsync(member, expected: 1)).Select(letter => Text(letter.Body)).ShouldBe(["kept"]);
        receiver.Deliveries.Count.ShouldBe(1);
    }

    [ProcessTheory]
    [InlineData(TaskPriority.Low)]
    [InlineData(TaskPriority.High)]
    public async Task A_retried_dead_letter_returns_to_the_queue_of_its_priority(TaskPriority priority)
    {
        var receiver = new RecordingReceiver();
        await using var member = await ConnectAsync(receiver);
        await member.SetCreditAsync(1);
        await member.PublishAsync(priority, Bytes("work"));
        (await receiver.DeliveriesAsync(1))[0].DeadLetter("It is bad.");
        await QueueDepthAssert.BecomesAsync(member, new ClusterQueueDepth(0, 0, 0, 1));

        await member.ReviewDeadLettersAsync(static _ => DeadLetterAction.Retry);

        (await receiver.DeliveriesAsync(2))[1].Priority.ShouldBe(priority);
    }

    [ProcessFact]
    public async Task When_the_function_throws_its_dead_letter_and_later_ones_stay()
    {
        await using var member = await WithDeadLettersAsync("dropped", "fails", "later");

        var error = await Should.ThrowAsync<InvalidOperationException>(() => member.ReviewDeadLettersAsync(
            static letter => Text(letter.Body) == "dropped" ? DeadLetterAction.Drop : throw new InvalidOperationException("undecided")));

        error.Message.ShouldBe("undecided");
        (await ReadAsync(member, expected: 2)).Select(letter => Text(letter.Body)).ShouldBe(["fails", "later"]);
    }

    [ProcessFact]
    public async Task A_review_without_dead_letters_passes_none_and_invalid_ones_are_refused()
    {
        await using var member = await ConnectAsync(new RecordingReceiver());

        (await member.ReviewDeadLettersAsync(static _ => throw new InvalidOperationException("called"))).ShouldBe(0);
        await Should.ThrowAsync<ArgumentNullException>(() => member.ReviewDeadLettersAsync(null!));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => member.ReviewDeadLettersAsync(static _ => DeadLetterAction.Keep, 0));
        await Should.ThrowAsync<OperationCanceledException>(() => member.ReviewDeadLettersAsync(static _ => DeadLetterAction.Keep, cancellationToken: new(canceled: true)));
        await member.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(() => member.ReviewDeadLettersAsync(static _ => DeadLetterAction.Keep));
    }

    [ProcessFact]
    public async Task An_observer_joins_a_cluster_that_exists_and_creates_none()
    {
        var observer = new ClusterMember(_cluster, "observer") { IsObserver = true };
        var receiver = new RecordingReceiver();

        (await Should.ThrowAsync<ClusterConnectionException>(() => CreateTransport().ConnectAsync(observer, receiver))).Message.ShouldContain($"cluster '{_cluster}'");
        (await Should.ThrowAsync<ClusterConnectionException>(() => CreateTransport().ConnectAsync(observer, receiver))).Message.ShouldContain($"cluster '{_cluster}'");
        await using var member = await ConnectAsync(new RecordingReceiver());
        await member.PublishAsync(TaskPriority.Normal, Bytes("work"));
        await using var connection = await CreateTransport().ConnectAsync(observer, receiver);
        await member.BroadcastAsync(ClusterAudience.All, Bytes("news"));

        (await receiver.BroadcastsAsync(1)).Select(Text).ShouldBe(["news"]);
        await QueueDepthAssert.BecomesAsync(connection, new ClusterQueueDepth(0, 1, 0, 0));
    }

    /// <summary>Connects a member and makes a dead letter of each message.</summary>
    private async Task<ClusterConnection> WithDeadLettersAsync(params string[] messages)
    {
        var receiver = new RecordingReceiver();
        var member = await ConnectAsync(receiver);
        await member.SetCreditAsync(1);
        for (int i = 0; i < messages.Length; i++)
        {
            await member.PublishAsync(TaskPriority.Normal, Bytes(messages[i]));
            (await receiver.DeliveriesAsync(i + 1))[i].DeadLetter($"{messages[i]} is bad.");
        }

        await QueueDepthAssert.BecomesAsync(member, new ClusterQueueDepth(0, 0, 0, messages.Length));
        await member.SetCreditAsync(0);
        return member;
    }

    /// <summary>Reads the dead letters without changing them. What an earlier review has kept may return a moment later.</summary>
    private static async Task<List<ClusterDeadLetter>> ReadAsync(ClusterConnection member, int expected, int most = int.MaxValue)
    {
        List<ClusterDeadLetter> letters = [];
        for (long began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < TestTimeout.Wait; await TestTimer.PauseAsync(20))
        {
            letters.Clear();
            int passed = await member.ReviewDeadLettersAsync(
                letter =>
                {
                    letters.Add(letter);
                    return DeadLetterAction.Keep;
                },
                most);
            passed.ShouldBe(letters.Count);
            if (letters.Count >= expected) break;
        }

        return letters;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private Task<ClusterConnection> ConnectAsync(RecordingReceiver receiver) => CreateTransport().ConnectAsync(new ClusterMember(_cluster, "member"), receiver);
}
