using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Samovar.Ipc.Queues;
using Samovar.Ipc.Waiting;

namespace Samovar.Ipc;

/// <summary>The reading side of a queue as a channel.</summary>
internal sealed class ProcessQueueReader<T> : ChannelReader<T>
{
    private readonly ProcessQueue<T> _queue;
    private readonly Lazy<CompletionWait> _completion;

    public ProcessQueueReader(ProcessQueue<T> queue)
    {
        _queue = queue;
        _completion = new Lazy<CompletionWait>(() => new CompletionWait(CompleteAsync()));
    }

    /// <summary>Gets a task that completes when the queue is completed and all items were taken.</summary>
    public override Task Completion => _completion.Value.Task;

    public override bool CanCount => true;

    public override int Count => (int)Math.Min(int.MaxValue, _queue.Count);

    public override bool TryRead([MaybeNullWhen(false)] out T item)
    {
        if (!_queue.State.Items.HasOrder) return _queue.TryTake(out item);
        item = default; // pending reads come first
        return false;
    }

    public override async ValueTask<T> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (TryRead(out T? item)) return item;
        QueueState state = _queue.State;
        var attempt = new TakeAttempt<T>(state);
        await state.Items.WaitAsync(
            attempt, static a => a.Try(), Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken, WaitOrder.Takes).ConfigureAwait(false);
        GC.KeepAlive(_queue);
        return attempt.IsAtEnd ? throw _queue.Closed() : attempt.Item;
    }

    public override async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        QueueState state = _queue.State;
        cancellationToken.ThrowIfCancellationRequested();
        await state.Items.WaitAsync(
            state, static s => s.HasItems || s.IsDrained, Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken, WaitOrder.Looks).ConfigureAwait(false);
        state.Items.WakeOne(); // the caller may take nothing, so let another waiter check
        GC.KeepAlive(_queue);
        if (!state.IsDrained) return true;
        return state.Error is { } error ? throw error : false;
    }

    private sealed record CompletionWait(Task Task);

    private async Task CompleteAsync()
    {
        QueueState state = _queue.State;
        // Does not wait at Items: a wake-up for one waiter could go to this wait, which takes nothing, and a consumer would sleep while an item is
        // available.
        await state.Done.WaitAsync(state, static s => s.IsDrained, Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        state.Items.WakeAll();
        if (state.Error is { } error) throw error;
    }
}
