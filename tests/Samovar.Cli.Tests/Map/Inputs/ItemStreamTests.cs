using Samovar.Cli.Map.Inputs;

namespace Samovar.Cli.Tests.Map.Inputs;

public sealed class ItemStreamTests
{
    [ProcessFact]
    public async Task All_items_come_in_order_however_many()
    {
        long expected = 0;
        await foreach (InputItem item in ItemStream.ReadAsync(Numbers(100_000), CancellationToken.None)) item.Number.ShouldBe(++expected);
        expected.ShouldBe(100_000);
    }

    [ProcessFact]
    public async Task Whatever_was_read_is_there_while_the_next_item_is_waited_for()
    {
        using var next = new SemaphoreSlim(0);
        using var waits = new SemaphoreSlim(0);
        await using var stream = ItemStream.ReadAsync(ThreeAndThen(waits, next), CancellationToken.None).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        (await stream.MoveNextAsync()).ShouldBeTrue();
        await waits.WaitAsync(TestContext.Current.CancellationToken); // the reader is at the pipe, three items are read

        for (int i = 1; i < 3; i++) (await stream.MoveNextAsync()).ShouldBeTrue();
        next.Release();
        (await stream.MoveNextAsync()).ShouldBeFalse();
    }

    [ProcessFact]
    public async Task Stopping_cancels_the_wait_for_a_silent_input()
    {
        using var stop = new CancellationTokenSource();
        using var never = new SemaphoreSlim(0);
        using var waits = new SemaphoreSlim(0);
        await using var stream = ItemStream.ReadAsync(ThreeAndThen(waits, never), stop.Token).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        for (int i = 0; i < 3; i++) await stream.MoveNextAsync();
        ValueTask<bool> more = stream.MoveNextAsync();
        await stop.CancelAsync();

        (await more).ShouldBeFalse();
        never.Release(); // the abandoned thread continues, and exits
    }

    [ProcessFact]
    public async Task An_error_comes_after_all_that_was_read_before_it()
    {
        var seen = new List<long>();
        var error = await Should.ThrowAsync<IOException>(async () =>
        {
            await foreach (InputItem item in ItemStream.ReadAsync(Numbers(3).Concat(Broken()), CancellationToken.None)) seen.Add(item.Number);
        });

        seen.ShouldBe([1, 2, 3]);
        error.Message.ShouldBe("the disk has gone");
    }

    private static IEnumerable<InputItem> Numbers(int count) => Enumerable.Range(1, count).Select(n => new InputItem(n, $"{n}"));

    private static IEnumerable<InputItem> Broken() => Numbers(1).Select<InputItem, InputItem>(_ => throw new IOException("the disk has gone"));

    private static IEnumerable<InputItem> ThreeAndThen(SemaphoreSlim waits, SemaphoreSlim next)
    {
        foreach (InputItem item in Numbers(3)) yield return item;
        waits.Release();
        next.Wait();
    }
}
