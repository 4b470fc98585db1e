using System.Diagnostics;
using Samovar.Primitives;
using Samovar.Tasks.Completions;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>An asynchronous sequence of futures in the order of their completion, created by <see cref="Futures.AsCompleted"/>.</summary>
/// <typeparam name="TFuture">The type of the futures.</typeparam>
/// <remarks>
/// <para>Thread-safe. Futures can be added at any time, also by the loop that enumerates the sequence. Several readers share the sequence:
/// each future is returned to one of them. An enumeration that starts after another was left returns the remaining futures.</para>
/// <para>The sequence references a future only from its addition until it is returned. A future that is added again in the meantime is
/// returned once.</para>
/// </remarks>
public sealed class CompletionSequence<TFuture> : IAsyncEnumerable<TFuture>
    where TFuture : Future
{
    /// <summary>The maximum number of futures that a reader takes at once, so that locking is a small part of the work.</summary>
    private const int LargestPortion = 16;

    private readonly Lock _gate = new();
    private readonly HashSet<TFuture> _held; // added, and not in a reader's portion yet
    private readonly Queue<TFuture> _ready = new(); // the completed ones of _held
    private readonly Queue<TaskCompletionSource> _readers = new(); // waiting for a completed future
    private readonly EndedCompletion _completion;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly long _begun;
    private Queue<TFuture>? _returned; // futures that a reader took and did not return to its caller: they go first
    private long _added;
    private int _inPortions;

    internal CompletionSequence(int expected, TimeSpan timeout, TimeProvider time)
    {
        _held = new(expected, ByNumber.Instance);
        _completion = new EndedCompletion(this);
        _timeout = timeout;
        _time = time;
        _begun = time.GetTimestamp();
    }

    /// <summary>Gets the number of futures in the sequence: those that have not completed, and completed ones that were not returned
    /// yet.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _held.Count + Volatile.Read(ref _inPortions);
        }
    }

    /// <summary>Adds a future.</summary>
    /// <param name="future">The future to add.</param>
    /// <returns>true if the future was added; false if it is already in the sequence.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="future"/> is null.</exception>
    public bool Add(TFuture future)
    {
        ArgumentNullException.ThrowIfNull(future);
        lock (_gate)
        {
            if (!_held.Add(future)) return false;
            _added++;
            CheckInvariantsLocked();
        }

        future.AddCompletion(_completion);
        return true;
    }

    /// <summary>Returns an enumerator that returns futures until the sequence is empty.</summary>
    /// <param name="cancellationToken">Cancels the enumeration.</param>
    /// <returns>The enumerator.</returns>
    /// <exception cref="TimeoutException">The timeout of the sequence expired. Thrown by <c>MoveNextAsync</c> after all futures that had
    /// completed were returned.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled. Thrown by <c>MoveNextAsync</c>.</exception>
    public IAsyncEnumerator<TFuture> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        new Reader(this, cancellationToken);

    /// <summary>Fills a reader's portion; returns false if the sequence is empty.</summary>
    private ValueTask<bool> FillAsync(Reader portion, CancellationToken cancellationToken)
    {
        TaskCompletionSource reader;
        lock (_gate)
        {
            bool isFilled = portion.TryFillLocked();
            CheckInvariantsLocked();
            if (isFilled) return new(true);
            if (_held.Count == 0) return new(false);
            reader = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _readers.Enqueue(reader);
            CheckInvariantsLocked();
        }

        return WaitAsync(reader, portion, cancellationToken);
    }

    private async ValueTask<bool> WaitAsync(TaskCompletionSource reader, Reader portion, CancellationToken cancellationToken)
    {
        using var nestedWait = NestedWaitAmongHeld();
        try
        {
            await reader.Task.WaitAsync(TimeLeft(), _time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            // The reader may have been woken at this moment; then the wake-up must be passed on to another one.
            if (!reader.TrySetCanceled(CancellationToken.None)) CallReaders();
            if (error is TimeoutException) throw TimedOut();
            throw;
        }

        return await FillAsync(portion, cancellationToken).ConfigureAwait(false);
    }

    private NestedWait NestedWaitAmongHeld()
    {
        if (RunningTask.Current is not { } outer) return default;
        lock (_gate)
        {
            if (!_held.Any(future => ReferenceEquals(future.Core, outer.Core))) return default;
        }

        return NestedWait.Begin(outer.Core);
    }

    private TimeSpan TimeLeft()
    {
        if (_timeout == Timeout.InfiniteTimeSpan) return _timeout;
        var left = _timeout - _time.GetElapsedTime(_begun);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void Ended(TFuture future)
    {
        using (_gate.HoldRegardless())
        {
            _ready.Enqueue(future);
            CheckInvariantsLocked();
            if (_readers.Count == 0) return;
        }

        CallReaders();
    }

    /// <summary>Wakes one waiting reader if a future is ready, and all of them if the sequence is empty.</summary>
    private void CallReaders()
    {
        using (_gate.HoldRegardless())
        {
            bool all = _held.Count == 0;
            while ((all || _ready.Count > 0 || _returned is { Count: > 0 }) && _readers.TryDequeue(out var reader))
            {
                if (reader.TrySetResult() && !all) return; // a reader that was cancelled is skipped
            }
        }
    }

    private TimeoutException TimedOut()
    {
        lock (_gate)
        {
            int unfinished = _held.Count(static future => !future.IsCompleted);
            return new TimeoutException($"{unfinished} of {_added} futures have not completed within {TimeoutArguments.Text(_timeout)}.");
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_ready.Count + (_returned?.Count ?? 0) <= _held.Count, "each ready future is in the sequence, and is ready once");
        Debug.Assert(_readers.Count == 0 || _held.Count > 0, "no reader waits for an empty sequence");
        Debug.Assert(Volatile.Read(ref _inPortions) >= 0, "only futures that were taken are returned");
    }

    /// <summary>One enumeration, and the futures that it has taken and not returned yet. Not a compiler-generated iterator, because that
    /// would keep a reference to the last future while it waits for the next.</summary>
    private sealed class Reader(CompletionSequence<TFuture> owner, CancellationToken cancellationToken) : IAsyncEnumerator<TFuture>
    {
        private readonly Queue<TFuture> _taken = new(1);
        private TFuture? _current;

        // Portions grow, so that an enumeration that is left at once has little to return.
        private int _size = 1;

        public TFuture Current => _current!;

        public ValueTask<bool> MoveNextAsync()
        {
            _current = null;
            if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<bool>(cancellationToken);
            if (TryNext()) return new(true);
            var filled = owner.FillAsync(this, cancellationToken);
            return filled.IsCompletedSuccessfully ? new(filled.GetAwaiter().GetResult() && TryNext()) : FilledAsync(filled);
        }

        public ValueTask DisposeAsync()
        {
            _current = null;
            Return();
            return ValueTask.CompletedTask;
        }

        public bool TryFillLocked()
        {
            Take(owner._returned);
            Take(owner._ready);
            _size = Math.Min(LargestPortion, _size * 2);
            if (_taken.Count == 0) return false;

            // The last futures are taken: no reader that waits for more will get any.
            if (owner._held.Count == 0)
            {
                while (owner._readers.TryDequeue(out var reader)) reader.TrySetResult();
            }

            return true;
        }

        private async ValueTask<bool> FilledAsync(ValueTask<bool> filled) => await filled.ConfigureAwait(false) && TryNext();

        private bool TryNext()
        {
            if (!_taken.TryDequeue(out _current)) return false;
            Interlocked.Decrement(ref owner._inPortions);
            return true;
        }

        private void Return()
        {
            if (_taken.Count == 0) return;
            lock (owner._gate)
            {
                owner._returned ??= new();
                while (_taken.TryDequeue(out var future))
                {
                    Interlocked.Decrement(ref owner._inPortions);
                    if (owner._held.Add(future)) owner._returned.Enqueue(future);
                }

                owner.CheckInvariantsLocked();
            }

            owner.CallReaders();
        }

        private void Take(Queue<TFuture>? from)
        {
            while (_taken.Count < _size && from is not null && from.TryDequeue(out var future))
            {
                owner._held.Remove(future);
                Interlocked.Increment(ref owner._inPortions);
                _taken.Enqueue(future);
            }
        }
    }

    private sealed class EndedCompletion(CompletionSequence<TFuture> owner) : Completion
    {
        public override void Signal(Future future) => owner.Ended((TFuture)future);
    }

    /// <summary>Compares futures by reference and hashes them by their number, which is cheaper than the runtime's hash code.</summary>
    private sealed class ByNumber : IEqualityComparer<TFuture>
    {
        public static readonly ByNumber Instance = new();

        public bool Equals(TFuture? x, TFuture? y) => ReferenceEquals(x, y);

        public int GetHashCode(TFuture obj) => obj.Id.GetHashCode();
    }
}
