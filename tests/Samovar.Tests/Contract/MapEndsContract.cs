using System.Runtime.CompilerServices;

namespace Samovar.Tests.Contract;

/// <summary>What has stopped once a map stops early: its items, its source; and which error it throws.</summary>
public abstract class MapEndsContract : MapRunsContract
{
    /// <summary>How a map stops before its source is exhausted.</summary>
    private enum EarlyEnd
    {
        Failure,
        Cancellation,
        Leaving,
    }

    [Promise(Beside | Several)]
    public async Task A_map_that_stops_early_stops_after_the_items_that_run()
    {
        foreach (var end in Enum.GetValues<EarlyEnd>())
        {
            await using var executor = Build(workers: 2, grace: TestTimeout.Wait);
            Gate started = NewGate(), never = NewGate(), tripped = NewGate(), mayEnd = NewGate(), ended = NewGate();
            bool fails = end == EarlyEnd.Failure;
            var loop = EndEarlyAsync(end, started, token => executor.Map([0, 1], Work(fails, started, never, tripped, mayEnd, ended), new() { BatchSize = 1 }, token));
            await tripped.PassAsync();
            mayEnd.Open();
            await loop;
            ended.IsOpen.ShouldBeTrue($"{end}");
        }

        static Func<int, CancellationToken, int> Work(bool fails, Gate started, Gate never, Gate tripped, Gate mayEnd, Gate ended) => (i, token) =>
        {
            if (i == 0)
            {
                started.Pass(CancellationToken.None);
                return fails ? throw new FormatException("the first") : i;
            }

            started.Open();
            try
            {
                never.Pass(token);
            }
            finally
            {
                tripped.Open();
                mayEnd.Pass(CancellationToken.None);
                ended.Open();
            }

            return i;
        };
    }

    [Promise(Beside | Shared)]
    public async Task A_map_that_stops_early_stops_after_the_asynchronous_items_that_run()
    {
        foreach (var end in Enum.GetValues<EarlyEnd>())
        {
            await using var executor = Build(workers: 2, grace: TestTimeout.Wait);
            Gate started = NewGate(), never = NewGate(), tripped = NewGate(), mayEnd = NewGate();
            bool hasEnded = false;
            var loop = EndEarlyAsync(end, started, token => executor.Map([0, 1], WorkAsync, new() { BatchSize = 1 }, token));
            await tripped.PassAsync();
            mayEnd.Open();
            await loop;
            Volatile.Read(ref hasEnded).ShouldBeTrue($"{end}");

            async Task<int> WorkAsync(int i, CancellationToken token)
            {
                if (i == 0)
                {
                    await started.PassAsync(CancellationToken.None);
                    return end == EarlyEnd.Failure ? throw new FormatException("the first") : i;
                }

                started.Open();
                try
                {
                    await never.PassAsync(token);
                }
                finally
                {
                    tripped.Open();
                    await mayEnd.PassAsync(CancellationToken.None);
                    Volatile.Write(ref hasEnded, true);
                }

                return i;
            }
        }
    }

    [Promise(Beside | Several | Capabilities.CanKillRunningWork)]
    public async Task An_item_that_ignores_its_token_is_killed_after_the_grace_before_the_map_completes()
    {
        await using var executor = Build(workers: 2, grace: TimeSpan.FromMilliseconds(20));
        Gate started = NewGate(), never = NewGate();
        await Should.ThrowAsync<FormatException>(executor.ForEachAsync([0, 1], Work(started, never), new() { BatchSize = 1 }).WaitAsync(TestTimeout.Wait));
        var figures = executor.GetStatistics();
        (figures.Running, figures.Canceled).ShouldBe((0, 1));

        static Action<int> Work(Gate started, Gate never) => i =>
        {
            if (i == 0)
            {
                started.Pass(CancellationToken.None);
                throw new FormatException("the first");
            }

            started.Open();
            never.Pass();
        };
    }

    [Promise]
    public async Task A_map_that_stops_early_stops_after_its_source()
    {
        foreach (bool fails in (bool[])[true, false])
        {
            foreach (bool isSynchronous in (bool[])[true, false])
            {
                await using var executor = Build();
                bool isDisposed = false;
                var items = isSynchronous ? executor.Map(Source(), Work(fails)) : executor.Map(SourceAsync(), Work(fails));
                var loop = LeaveAtFirstAsync(items);
                if (fails) await Should.ThrowAsync<FormatException>(loop.WaitAsync(TestTimeout.Wait));
                else await loop.WaitAsync(TestTimeout.Wait);
                Volatile.Read(ref isDisposed).ShouldBeTrue();

                IEnumerable<int> Source()
                {
                    try
                    {
                        for (int i = 0; ; i++) yield return i;
                    }
                    finally
                    {
                        Volatile.Write(ref isDisposed, true);
                    }
                }

                async IAsyncEnumerable<int> SourceAsync([EnumeratorCancellation] CancellationToken token = default)
                {
                    try
                    {
                        yield return 0;
                        await Task.Delay(Timeout.Infinite, token); // the source is under way when the loop is left
                    }
                    finally
                    {
                        await Task.Yield();
                        Volatile.Write(ref isDisposed, true);
                    }
                }
            }
        }

        static Func<int, int> Work(bool fails) => i => fails ? throw new FormatException("the first") : i;

        static async Task LeaveAtFirstAsync(IAsyncEnumerable<int> items)
        {
            await foreach (int _ in items) return;
        }
    }

    [Promise]
    public async Task An_item_error_is_not_replaced_by_one_of_the_source_that_is_disposed()
    {
        await using var executor = Build();
        var reported = new List<Exception>();
        executor.UnobservedFailure += failure =>
        {
            lock (reported) reported.Add(failure.Exception);
        };
        var error = await Should.ThrowAsync<FormatException>(executor.ForEachAsync(Source(), static i => _ = i == 1 ? throw new FormatException("the item") : i));
        error.Message.ShouldBe("the item");
        lock (reported) reported.ShouldHaveSingleItem().ShouldBeOfType<InvalidDataException>();

        static IEnumerable<int> Source()
        {
            try
            {
                for (int i = 0; ; i++) yield return i;
            }
            finally
            {
                Throw();
            }
        }

        static void Throw() => throw new InvalidDataException("the source");
    }

    [Promise]
    public async Task A_map_whose_token_has_tripped_takes_nothing_from_its_source()
    {
        await using var executor = Build();
        var tripped = new CancellationToken(canceled: true);
        int taken = 0;
        var source = Counted(() => Interlocked.Increment(ref taken));
        await Should.ThrowAsync<OperationCanceledException>(ListAsync(executor.Map(source, static i => i, cancellationToken: tripped)));
        var loop = executor.ForEachAsync(source, static _ => { }, cancellationToken: tripped);
        await Should.ThrowAsync<OperationCanceledException>(loop);
        loop.IsCanceled.ShouldBeTrue();
        await Should.ThrowAsync<OperationCanceledException>(executor.ForEachAsync(source.ToAsyncEnumerable(), static _ => { }, cancellationToken: tripped));
        taken.ShouldBe(0);
    }

    [Promise]
    public async Task An_unrequested_cancellation_fails_ForEachAsync()
    {
        await using var executor = Build();
        var ofItem = executor.ForEachAsync([1], static _ => throw new OperationCanceledException("a library's own timeout"));
        (await Should.ThrowAsync<OperationCanceledException>(ofItem)).Message.ShouldBe("a library's own timeout");
        ofItem.IsFaulted.ShouldBeTrue();

        var ofSource = executor.ForEachAsync(Source(), static _ => { });
        (await Should.ThrowAsync<OperationCanceledException>(ofSource)).Message.ShouldBe("the source's own timeout");
        ofSource.IsFaulted.ShouldBeTrue();

        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        var ofOptions = executor.ForEachAsync([1], static _ => { }, new() { CancellationToken = source.Token });
        await Should.ThrowAsync<OperationCanceledException>(ofOptions);
        ofOptions.IsCanceled.ShouldBeTrue("the token of the items was tripped");

        static IEnumerable<int> Source()
        {
            yield return 1;
            throw new OperationCanceledException("the source's own timeout");
        }
    }

    private static async Task EndEarlyAsync(EarlyEnd end, Gate started, Func<CancellationToken, IAsyncEnumerable<int>> map)
    {
        using var source = new CancellationTokenSource();
        if (end == EarlyEnd.Failure)
        {
            await Should.ThrowAsync<FormatException>(ListAsync(map(source.Token)).WaitAsync(TestTimeout.Wait));
        }
        else if (end == EarlyEnd.Cancellation)
        {
            var loop = ListAsync(map(source.Token));
            await started.PassAsync(CancellationToken.None);
            await source.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(loop.WaitAsync(TestTimeout.Wait));
        }
        else
        {
            await foreach (int _ in map(source.Token)) break;
        }
    }
}
