using System.Runtime.ExceptionServices;

namespace Samovar.Executors.Mapping;

/// <content>Handing batches over. The end of one submits its follower, and a batch may end while it is being handed over: refused, or
/// run on the spot. Followers that come up in there wait for the loop outside, so that thousands do not stand on one stack.</content>
internal sealed partial class MapRun<T, TResult>
{
    [ThreadStatic]
    private static MapRun<T, TResult>? t_submitting;

    [ThreadStatic]
    private static Queue<MapBatch<T, TResult>>? t_followers;

    private void Submit(MapBatch<T, TResult> batch)
    {
        if (ReferenceEquals(t_submitting, this))
        {
            (t_followers ??= new()).Enqueue(batch);
            return;
        }

        // Of another run, whose item runs on this very thread and has begun a map.
        var (outer, outerFollowers) = (t_submitting, t_followers);
        t_submitting = this;
        t_followers = null;
        try
        {
            SubmitAll(batch);
        }
        finally
        {
            t_submitting = outer;
            t_followers = outerFollowers;
        }
    }

    /// <summary>Submits a batch, and what follows meanwhile: all of it, or the run would wait for ever for what is left out.</summary>
    private void SubmitAll(MapBatch<T, TResult> first)
    {
        ExceptionDispatchInfo? fault = null;
        MapBatch<T, TResult>? next = first;
        do
        {
            try
            {
                SubmitOne(next);
            }
            catch (Exception error)
            {
                // Where the batch could not be queued, its items have the error as their outcome.
                if (!next.FailUnstarted(error)) fault ??= ExceptionDispatchInfo.Capture(error);
            }
        }
        while (t_followers is { } followers && followers.TryDequeue(out next));

        fault?.Throw();
    }

    private void SubmitOne(MapBatch<T, TResult> batch)
    {
        if (!batch.TryAddCompletion(this))
        {
            // Cancelled since it was made. The executor still has to see it, to give back the room that it was admitted to.
            _ = _plan.Core.TryAccept(batch);
            Signal(batch);
            return;
        }

        while (_plan.Core.TryAccept(batch) is { } refusal)
        {
            // An item that cannot travel must not lose its neighbours: fewer are tried, until it stands alone.
            if (batch.TryLighten()) continue;
            batch.FailUnstarted(refusal.SourceException);
            return;
        }
    }
}
