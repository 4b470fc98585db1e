namespace Samovar;

/// <summary>The loops over a map: with outcomes, or with results that end at the first error.</summary>
internal static class MapSequence
{
    public static async IAsyncEnumerator<Outcome<TResult>> OutcomesAsync<T, TResult>(
        MapPlan<T, TResult> plan, MapSource<T> source, CancellationToken cancellationToken)
    {
        var run = new MapRun<T, TResult>(plan);
        try
        {
            run.Begin(source, cancellationToken);
            while (await run.NextAsync().ConfigureAwait(false) is { } batch)
            {
                for (int i = 0; i < batch.Ran; i++) yield return batch[i];
                run.HasRead(batch);
            }
        }
        finally
        {
            await run.StopAsync().ConfigureAwait(false);
        }
    }

    public static async IAsyncEnumerator<TResult> ResultsAsync<T, TResult>(
        MapPlan<T, TResult> plan, MapSource<T> source, CancellationToken cancellationToken)
    {
        var run = new MapRun<T, TResult>(plan);
        try
        {
            run.Begin(source, cancellationToken);
            while (await run.NextAsync().ConfigureAwait(false) is { } batch)
            {
                for (int i = 0; i < batch.Ran; i++) yield return batch[i].Value;
                run.HasRead(batch);
            }
        }
        finally
        {
            await run.StopAsync().ConfigureAwait(false);
        }
    }

    public static async IAsyncEnumerator<TResult> UnwrapAsync<TResult>(IAsyncEnumerator<Outcome<TResult>> outcomes)
    {
        await using (outcomes.ConfigureAwait(false))
        {
            while (await outcomes.MoveNextAsync().ConfigureAwait(false)) yield return outcomes.Current.Value;
        }
    }

    /// <summary>The loop where submitting runs the work: one item after the other, in the reader's own steps.</summary>
    public static async IAsyncEnumerator<Outcome<TResult>> InStepAsync<T, TResult>(
        MapPlan<T, TResult> plan, MapSource<T> source, CancellationToken cancellationToken)
    {
        long began = plan.Host.Time.GetTimestamp();
        long index = 0;
        await foreach (var item in ItemsAsync(source, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (plan.Options.TotalTimeout is { } total && plan.Host.Time.GetElapsedTime(began) >= total)
            {
                throw new TimeoutException(
                    $"The map over '{plan.Host.Name}' did not end within its total timeout of {total}: {index} items were given.");
            }

            var batch = new MapBatch<T, TResult>(plan, [item], index++, plan.Host.Admit(plan.Options, regardless: true));
            plan.Host.Accept(batch);
            batch.Settle();
            yield return batch[0];
        }
    }

    private static async IAsyncEnumerable<T> ItemsAsync<T>(
        MapSource<T> source, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (source.Synchronous is { } items)
        {
            foreach (var item in items) yield return item;
            yield break;
        }

        await foreach (var item in source.Asynchronous!.WithCancellation(cancellationToken).ConfigureAwait(false)) yield return item;
    }
}
