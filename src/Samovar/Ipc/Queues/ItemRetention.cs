using Samovar.Ipc.Waiting;

namespace Samovar.Ipc.Queues;

/// <summary>Releases the handles that this process holds for its items, as soon as the items are taken.</summary>
/// <remarks>There is one asynchronous wait at a time, while handles are held. Releasing them may free much memory, so it runs on the thread pool
/// rather than on the thread of the next put or on the thread that waits for all signals.</remarks>
internal sealed class ItemRetention(RetainedHandles handles, SharedSignal taken)
{
    private int _isUnderWay;

    /// <summary>Starts the wait, after a handle was added.</summary>
    public void Begin()
    {
        if (Interlocked.Exchange(ref _isUnderWay, 1) != 0) return;

        // Not on this thread: it may wait for all signals, and hold the locks under which it looks; the wait here takes them in another order.
        ThreadPool.UnsafeQueueUserWorkItem(static retention => _ = retention.ReleaseAsync(), this, preferLocal: false);
    }

    /// <summary>Stops the wait when the queue is closed in this process; <see cref="UndeliveredItems"/> takes over.</summary>
    public void Close() => taken.Close();

    private async Task ReleaseAsync()
    {
        try
        {
            while (true)
            {
                while (!handles.ReleaseTaken())
                    await taken.WaitAsync(handles, static h => h.HasReleasable, Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);

                // A thread that has added a handle in the meantime relied on this loop, or starts another one.
                Interlocked.Exchange(ref _isUnderWay, 0);
                if (handles.ReleaseTaken() || Interlocked.Exchange(ref _isUnderWay, 1) != 0) return;
            }
        }
        catch (ObjectDisposedException)
        {
            // The queue was closed in this process.
        }
        catch (Exception e) when (e is IOException or OutOfMemoryException)
        {
            // No descriptor is available to watch the other processes, or no memory or thread to wait with. The next put of an item with handles
            // tries again, and so does closing.
            Interlocked.Exchange(ref _isUnderWay, 0);
        }
        catch
        {
            Interlocked.Exchange(ref _isUnderWay, 0);
            throw; // a user's Dispose failed: the runtime reports the task's error; the other handles are released at the next put
        }
        finally
        {
            GC.KeepAlive(taken); // keeps the memory mapped that the handles read
        }
    }
}
