using System.Threading.Channels;
using Samovar.Ipc.Queues;
using Samovar.Ipc.Waiting;

namespace Samovar.Ipc;

/// <summary>The writing side of a queue as a channel.</summary>
/// <param name="queue">The queue, which lives as long as its writer.</param>
/// <param name="heldState">The queue's state, for waits that continue while the queue is disposed.</param>
internal sealed class ProcessQueueWriter<T>(ProcessQueue<T> queue, QueueState heldState) : ChannelWriter<T>
{
    private int _lengthRefused; // length of the last item for which there was no room

    public override bool TryComplete(Exception? error = null) => queue.TryComplete(error);

    public override bool TryWrite(T item)
    {
        if (queue.State.Room.HasOrder) return false; // pending writes come first
        if (QueueItems<T>.IsRaw) return queue.TryPutNow(item) == PutOutcome.Put;
        using var attempt = new PutAttempt<T>(queue.State, item);
        bool isPut = attempt.Try() && attempt.Outcome == PutOutcome.Put;
        if (!isPut) Volatile.Write(ref _lengthRefused, attempt.Length);
        GC.KeepAlive(queue);
        return isPut;
    }

    public override async ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default)
    {
        QueueState state = queue.State;
        cancellationToken.ThrowIfCancellationRequested();
        if (state.Layout.FullMode == ProcessQueueFullMode.Wait)
        {
            await state.Room.WaitAsync(
                this, static w => w.HasRoomOrEnd, Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken, WaitOrder.Looks).ConfigureAwait(false);
        }

        state.Room.WakeOne(); // the caller may put nothing, so let another waiter check
        if (!state.IsCompleted) return true;
        return state.Error is { } error ? throw error : false;
    }

    public override ValueTask WriteAsync(T item, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);
        return QueueItems<T>.IsRaw && TryWrite(item) ? default : WaitAndWriteAsync(item, cancellationToken);
    }

    private async ValueTask WaitAndWriteAsync(T item, CancellationToken cancellationToken)
    {
        QueueState state = queue.State;
        using var attempt = new PutAttempt<T>(state, item);
        await state.Room.WaitAsync(
            attempt, static a => a.Try(), Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken, WaitOrder.Takes).ConfigureAwait(false);
        GC.KeepAlive(queue);
        if (attempt.Outcome != PutOutcome.Put) throw queue.Closed();
    }

    private bool HasRoomOrEnd => heldState.IsCompleted || heldState.HasRoomFor(Volatile.Read(ref _lengthRefused));
}
