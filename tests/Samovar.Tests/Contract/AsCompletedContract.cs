namespace Samovar.Tests.Contract;

/// <summary>Futures in the order in which they end.</summary>
public abstract class AsCompletedContract : WaitingContract
{
    [Promise(Beside | Several)]
    public async Task AsCompleted_gives_futures_in_the_order_in_which_they_end()
    {
        await using var executor = Build(workers: 3);
        Gate[] gates = [NewGate(), NewGate(), NewGate()];
        var futures = new List<Future>();
        foreach (var gate in gates) futures.Add(await OccupyAsync(executor, gate));
        int[] order = [1, 2, 0];
        gates[order[0]].Open();
        int place = 0;
        await foreach (var future in Futures.AsCompleted(futures, TestTimeout.Wait))
        {
            future.ShouldBeSameAs(futures[order[place++]]);
            if (place < 3) gates[order[place]].Open();
        }

        place.ShouldBe(3);
    }

    [Promise]
    public async Task AsCompleted_gives_a_future_given_twice_once()
    {
        await using var executor = Build();
        var future = executor.Submit(static () => 1);
        var other = executor.Submit(static () => 2);
        var sequence = Futures.AsCompleted([future, other, future], TestTimeout.Wait);
        sequence.Add(other).ShouldBeFalse();
        sequence.Count.ShouldBe(2);
        (await ListAsync(sequence)).ShouldBe([future, other], ignoreOrder: true);
        sequence.Count.ShouldBe(0);
    }

    [Promise]
    public async Task Futures_may_be_added_while_iterating()
    {
        await using var executor = Build();
        var sequence = Futures.AsCompleted([executor.Submit(static () => 1)], TestTimeout.Wait);
        int sum = 0;
        await foreach (var future in sequence)
        {
            int result = future.Result;
            sum += result;
            if (result < 10) sequence.Add(executor.Submit(() => result + 1)).ShouldBeTrue();
        }

        sum.ShouldBe(55);
    }

    [Promise(Beside | Several)]
    public async Task AsCompleted_out_of_time_says_how_many_of_how_many_are_unfinished()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(workers: 2);
        var release = NewGate();
        var blocked = await OccupyAsync(executor, release);
        var done = executor.Submit(static () => { });
        await done;
        var futures = Futures.AsCompleted([blocked, executor.Submit(() => release.Pass()), done], Limit, time).GetAsyncEnumerator();
        (await futures.MoveNextAsync()).ShouldBeTrue();
        futures.Current.ShouldBeSameAs(done);
        var next = futures.MoveNextAsync().AsTask();
        await time.WhenArmedAsync(Limit);
        time.Advance(Limit);
        (await Should.ThrowAsync<TimeoutException>(next)).Message.ShouldContain("2 of 3");
        release.Open();
    }

    [Promise(Beside | Several)]
    public async Task AsCompleted_with_no_time_returns_completed_futures_and_then_throws()
    {
        await using var executor = Build(workers: 2);
        var release = NewGate();
        var blocked = await OccupyAsync(executor, release);
        var done = executor.Submit(static () => { });
        await done;
        var given = new List<Future>();
        var error = await Should.ThrowAsync<TimeoutException>(async () =>
        {
            await foreach (var future in Futures.AsCompleted([blocked, done], TimeSpan.Zero)) given.Add(future);
        });
        given.ShouldBe([done]);
        error.Message.ShouldContain("1 of 2");
        release.Open();
    }

    [Promise]
    public async Task AsCompleted_left_half_way_and_resumed_gives_only_the_rest()
    {
        await using var executor = Build();
        var futures = Enumerable.Range(0, 6).Select(i => executor.Submit(() => i)).ToList();
        var sequence = Futures.AsCompleted(futures, TestTimeout.Wait);
        var first = new List<Future<int>>();
        await foreach (var future in sequence)
        {
            first.Add(future);
            if (first.Count == 2) break;
        }

        var rest = await ListAsync(sequence);
        rest.Count.ShouldBe(4);
        first.Concat(rest).ShouldBe(futures, ignoreOrder: true);
    }

    [Promise]
    public async Task Two_readers_never_get_the_same_future_and_both_finish()
    {
        await using var executor = Build(workers: 2);
        var futures = Enumerable.Range(0, 500).Select(i => executor.Submit(() => i)).ToList();
        var sequence = Futures.AsCompleted(futures, TestTimeout.Wait);
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() => ListAsync(sequence))).ToList();
        var given = (await Task.WhenAll(readers)).SelectMany(static read => read).ToList();
        given.Count.ShouldBe(500);
        given.Distinct().Count().ShouldBe(500);
    }

    [Promise(Beside)]
    public async Task A_token_ends_AsCompleted_and_loses_nothing()
    {
        await using var executor = Build();
        var release = NewGate();
        var blocked = await OccupyAsync(executor, release);
        var sequence = Futures.AsCompleted([blocked], TestTimeout.Wait);
        using var source = new CancellationTokenSource();
        var reader = sequence.GetAsyncEnumerator(source.Token);
        var next = reader.MoveNextAsync().AsTask();
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(next);
        release.Open();
        (await ListAsync(sequence)).ShouldBe([blocked]);
    }
}
