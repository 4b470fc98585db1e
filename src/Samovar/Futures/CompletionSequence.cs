using System.Runtime.CompilerServices;
using System.Threading.Channels;

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
    private readonly Lock _gate = new();
    private readonly HashSet<TFuture> _held = new(ReferenceEqualityComparer.Instance);
    private readonly Channel<Future?> _ended = Channel.CreateUnbounded<Future?>();
    private readonly EndedCompletion _completion;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly long _begun;
    private long _added;
    private long _given;
    private int _waiting;

    internal CompletionSequence(TimeSpan timeout, TimeProvider time)
    {
        _completion = new EndedCompletion(_ended.Writer);
        _timeout = timeout;
        _time = time;
        _begun = time.GetTimestamp();
    }

    /// <summary>How many futures are held: those that have not ended and those that have but were not given yet.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _held.Count;
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
        }

        future.AddCompletion(_completion);
        return true;
    }

    /// <summary>Iterates until no future is held any more.</summary>
    /// <exception cref="TimeoutException">The sequence's time has passed, and what had ended has been given.</exception>
    /// <exception cref="OperationCanceledException">The token tripped.</exception>
    public IAsyncEnumerator<TFuture> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        new Reader(this, cancellationToken);

    /// <summary>The next future; null when none is held.</summary>
    private ValueTask<TFuture?> NextAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<TFuture?>(cancellationToken);
        while (_ended.Reader.TryRead(out var ended))
        {
            if (ended is not null) return new(Give(ended));

            // The null was for a reader that is about to wait, unless more has been added since.
            lock (_gate)
            {
                if (_held.Count > 0) continue;
            }

            _ended.Writer.TryWrite(null);
            return new((TFuture?)null);
        }

        return WaitForNextAsync(cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TFuture?> WaitForNextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_held.Count == 0) return null;
                _waiting++;
            }

            try
            {
                var ended = await ReadAsync(cancellationToken).ConfigureAwait(false);
                if (ended is not null) return Give(ended);
            }
            finally
            {
                lock (_gate) _waiting--;
            }
        }
    }

    private ValueTask<Future?> ReadAsync(CancellationToken cancellationToken) => _timeout == Timeout.InfiniteTimeSpan
        ? _ended.Reader.ReadAsync(cancellationToken)
        : ReadInTimeAsync(cancellationToken);

    private async ValueTask<Future?> ReadInTimeAsync(CancellationToken cancellationToken)
    {
        var left = _timeout - _time.GetElapsedTime(_begun);
        if (left <= TimeSpan.Zero) throw TimedOut();
        using var outOfTime = new CancellationTokenSource(left, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(outOfTime.Token, cancellationToken);
        try
        {
            return await _ended.Reader.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut();
        }
    }

    private TFuture Give(Future ended)
    {
        var future = (TFuture)ended;
        lock (_gate)
        {
            _held.Remove(future);
            _given++;

            // Other readers may be waiting for futures that will never come; a null sends each to look again.
            if (_held.Count == 0)
            {
                for (int i = 0; i < _waiting; i++) _ended.Writer.TryWrite(null);
            }
        }

        return future;
    }

    private TimeoutException TimedOut()
    {
        lock (_gate)
        {
            int unfinished = _held.Count(static future => !future.IsCompleted);
            return new TimeoutException($"{unfinished} of {_added} futures have not ended within {_timeout}; {_given} were given.");
        }
    }

    // Written out because an iterator would hold on to the last future while it waits for the next.
    private sealed class Reader(CompletionSequence<TFuture> sequence, CancellationToken cancellationToken) : IAsyncEnumerator<TFuture>
    {
        private TFuture? _current;

        public TFuture Current => _current!;

        public ValueTask<bool> MoveNextAsync()
        {
            _current = null;
            var next = sequence.NextAsync(cancellationToken);
            if (!next.IsCompletedSuccessfully) return AwaitAsync(next);
            _current = next.GetAwaiter().GetResult();
            return new(_current is not null);
        }

        public ValueTask DisposeAsync()
        {
            _current = null;
            return ValueTask.CompletedTask;
        }

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        private async ValueTask<bool> AwaitAsync(ValueTask<TFuture?> next)
        {
            _current = await next.ConfigureAwait(false);
            return _current is not null;
        }
    }

    private sealed class EndedCompletion(ChannelWriter<Future?> ended) : Completion
    {
        public override void Signal(Future future) => ended.TryWrite(future);
    }
}
