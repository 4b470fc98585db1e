using System.Runtime.ExceptionServices;

namespace Samovar.Executors.Mapping;

/// <content>Submitting batches. The completion of a batch submits its follower, and a batch may complete during its own submission: when it
/// is refused, or runs inline. Followers that result from that are queued for the outer loop, so that thousands of them do not nest on one
/// stack.</content>
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

        // The thread-static values may belong to another run, whose item runs on this thread and has begun a map.
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

    /// <summary>Submits a batch, and all followers that appear meanwhile. None may be left out, or the run would wait for it
    /// indefinitely.</summary>
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
                // If the batch could not be queued, the error is the outcome of its items.
                if (!next.EndUnstarted(FutureState.Failed, error)) fault ??= ExceptionDispatchInfo.Capture(error);
            }
        }
        while (t_followers is { } followers && followers.TryDequeue(out next));

        fault?.Throw();
    }

    private void SubmitOne(MapBatch<T, TResult> batch)
    {
        if (!batch.TryAddCompletion(this))
        {
            // Cancelled since its creation. The executor must still see the batch, to release the room that was reserved at admission.
            _ = _plan.Core.TryAccept(batch);
            Signal(batch);
            return;
        }

        while (_plan.Core.TryAccept(batch) is { } refusal)
        {
            // An item that cannot be serialized must not affect the others: smaller batches are tried until the item is alone.
            if (batch.TryLighten()) continue;
            batch.EndUnstarted(FutureState.Failed, refusal.SourceException);
            return;
        }
    }
}
