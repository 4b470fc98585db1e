using System.Diagnostics;
using Samovar.Primitives;
using Samovar.Tasks.Completions;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Futures in the order in which they end; made by <see cref="Futures.AsCompleted"/>.</summary>
/// <typeparam name="TFuture">The type of the futures.</typeparam>
/// <remarks>
/// <para>Thread-safe. Futures may be added at any time, also by the loop that iterates. Several readers share the sequence: each
/// future is given to one of them. A loop that is left and begun again gets the rest.</para>
/// <para>The sequence holds a future from its addition until it is given, and not longer; one added while it is held is given
/// once.</para>
/// </remarks>
public sealed class CompletionSequence<TFuture> : IAsyncEnumerable<TFuture>
    where TFuture : Future
{
    /// <summary>How many futures a reader takes at once, at most: locking is then a small part of the work.</summary>
    private const int LargestPortion = 16;

    private readonly Lock _gate = new();
    private readonly HashSet<TFuture> _held; // added, and in no reader's portion yet
    private readonly Queue<TFuture> _ready = new(); // of those, what has ended
    private readonly Queue<TaskCompletionSource> _readers = new(); // waiting for something to be ready
    private readonly EndedCompletion _completion;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly long _begun;
    private Queue<TFuture>? _returned; // what a reader took and left: it goes first
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

    /// <summary>How many futures are held: those that have not ended and those that have but were not given yet.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _held.Count + Volatile.Read(ref _inPortions);
        }
    }

    /// <summary>Adds a future. False: it is held already.</summary>
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

    /// <summary>Iterates until no future is held any more.</summary>
    /// <exception cref="TimeoutException">The sequence's time has passed, and what had ended has been given.</exception>
    /// <exception cref="OperationCanceledException">The token tripped.</exception>
    public IAsyncEnumerator<TFuture> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        new Reader(this, cancellationToken);

    /// <summary>Gives a reader its next futures; false when none is held any more.</summary>
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
            // It may have been called at this very moment; then another reader must be.
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

    /// <summary>Calls one waiting reader if something is ready; all of them if nothing will ever be.</summary>
    private void CallReaders()
    {
        using (_gate.HoldRegardless())
        {
            bool all = _held.Count == 0;
            while ((all || _ready.Count > 0 || _returned is { Count: > 0 }) && _readers.TryDequeue(out var reader))
            {
                if (reader.TrySetResult() && !all) return; // one that has given up is passed over
            }
        }
    }

    private TimeoutException TimedOut()
    {
        lock (_gate)
        {
            int unfinished = _held.Count(static future => !future.IsCompleted);
            return new TimeoutException($"{unfinished} of {_added} futures have not ended within {TimeoutArguments.Text(_timeout)}.");
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_ready.Count + (_returned?.Count ?? 0) <= _held.Count, "what is ready is held, and is ready once");
        Debug.Assert(_readers.Count == 0 || _held.Count > 0, "nobody waits where nothing is held");
        Debug.Assert(Volatile.Read(ref _inPortions) >= 0, "only what was taken is given");
    }

    /// <summary>One loop, and what it has taken and not given yet. Written out because an iterator would hold on to the last
    /// future while it waits for the next.</summary>
    private sealed class Reader(CompletionSequence<TFuture> owner, CancellationToken cancellationToken) : IAsyncEnumerator<TFuture>
    {
        private readonly Queue<TFuture> _taken = new(1);
        private TFuture? _current;

        // Portions grow, so that a loop that is left at once has hardly anything to return.
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

            // The last ones are taken: readers that wait for more wait in vain.
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

    /// <summary>The number is a good hash already, and cheaper than the runtime's.</summary>
    private sealed class ByNumber : IEqualityComparer<TFuture>
    {
        public static readonly ByNumber Instance = new();

        public bool Equals(TFuture? x, TFuture? y) => ReferenceEquals(x, y);

        public int GetHashCode(TFuture obj) => obj.Id.GetHashCode();
    }
}
