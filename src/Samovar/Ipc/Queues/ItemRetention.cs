using Samovar.Ipc.Waiting;

namespace Samovar.Ipc.Queues;

/// <summary>Lets go of what this process holds for items that it has put, as soon as they were taken.</summary>
/// <remarks>One asynchronous wait at a time, while something is held. Letting go may give much memory back, so it is done on the thread pool, and neither
/// by who puts next nor by the thread that waits for all.</remarks>
internal sealed class ItemRetention(RetainedHandles handles, SharedSignal taken)
{
    private int _isUnderWay;

    /// <summary>Something is held.</summary>
    public void Begin()
    {
        if (Interlocked.Exchange(ref _isUnderWay, 1) == 0) _ = ReleaseAsync();
    }

    /// <summary>The queue is closed here; <see cref="UndeliveredItems"/> takes over.</summary>
    public void Close() => taken.Close();

    private async Task ReleaseAsync()
    {
        try
        {
            while (true)
            {
                while (!handles.ReleaseTaken())
                    await taken.WaitAsync(handles, static h => h.HasReleasable, Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);

                // Whoever has put something meanwhile has left it to this one, or does it.
                Interlocked.Exchange(ref _isUnderWay, 0);
                if (handles.ReleaseTaken() || Interlocked.Exchange(ref _isUnderWay, 1) != 0) return;
            }
        }
        catch (ObjectDisposedException)
        {
            // The queue is closed here.
        }
        catch (Exception e) when (e is IOException or OutOfMemoryException)
        {
            // No descriptor is left to watch the others with, or no memory or thread to wait with: the next put of something that is held tries again, and so does the end.
            Interlocked.Exchange(ref _isUnderWay, 0);
        }
        catch
        {
            Interlocked.Exchange(ref _isUnderWay, 0);
            throw; // what disposed of was a user's, and its error is in the task for the runtime to report; the others are released at the next put
        }
    }
}
