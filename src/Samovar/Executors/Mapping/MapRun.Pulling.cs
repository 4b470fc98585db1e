using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Samovar.Primitives;

namespace Samovar.Executors.Mapping;

/// <content>The puller, interruption (token and total timeout), and stopping.</content>
internal sealed partial class MapRun<T, TResult>
{
    private Task _puller = Task.CompletedTask;
    private CancellationTokenSource? _stopPulling;
    private CancellationTokenRegistration _onCancel;
    private CancellationToken _token;
    private ITimer? _totalTimer;
    private bool _isSourceAsynchronous;
    private bool _isInSource;
    private bool _isOutOfTime;

    /// <summary>Starts pulling items from the source.</summary>
    public void Begin(MapSource<T> source, CancellationToken cancellationToken)
    {
        _plan.TakeWork();
        _token = cancellationToken;
        _stopPulling = new CancellationTokenSource();
        _onCancel = cancellationToken.UnsafeRegister(static run => ((MapRun<T, TResult>)run!)._forReader.Set(), this);
        if (_plan.Options.TotalTimeout is { } total)
        {
            _totalTimer = _plan.Core.Time.CreateTimerWithoutFlow(static run => ((MapRun<T, TResult>)run!).TotalTimeOver(), this);
            _totalTimer.Change(total, Timeout.InfiniteTimeSpan);
        }

        _plan.Tally.Begin(this, source);
        _puller = Task.Run(() => PullAsync(source), CancellationToken.None);
        _isSourceAsynchronous = source.Asynchronous is not null;
    }

    /// <summary>Stops the run: no more items are pulled, items that have not started are cancelled, and the tokens of running items are
    /// cancelled. Completes when no item runs any more and the source is disposed. Called by the reader when it leaves.</summary>
    public async ValueTask StopAsync()
    {
        List<MapBatch<T, TResult>> live;
        Exception? unread;
        lock (_gate)
        {
            Volatile.Write(ref _stopped, true);
            unread = _unread;
            _buffer.Clear();
            CheckInvariantsLocked();
            live = [.. _live.OrderByDescending(static batch => batch.FirstIndex)];
        }

        Interlocked.MemoryBarrier(); // SYNC: in the source or stopped
        bool isInSource = Volatile.Read(ref _isInSource);

        // In reverse order: a worker that a cancellation frees must not find the next batch queued.
        foreach (var batch in live) batch.Cancel();
        await StopPullingAsync().ConfigureAwait(false);
        await _onCancel.DisposeAsync().ConfigureAwait(false);
        if (_totalTimer is not null) await _totalTimer.DisposeAsync().ConfigureAwait(false);
        await EndOfLive().ConfigureAwait(false);
        _plan.Shared?.Release();
        _outer?.EndNestedWait();
        _plan.Tally.End();
        await EndOfPullerAsync(isInSource).ConfigureAwait(false);

        // An item's error came first, or the reader left before it reached the source's error.
        if (unread is not null) _plan.Core.Report(FailureSource.MapSource, 0, _plan.Options.Name, unread);
    }

    private async ValueTask StopPullingAsync()
    {
        try
        {
            if (_stopPulling is not null) await _stopPulling.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException errors)
        {
            // The callbacks on the token belong to the source. Their errors must not replace the error that stops the map.
            _plan.Core.Report(FailureSource.CancellationCallback, 0, _plan.Options.Name, errors);
        }

        _forPuller.Set();
    }

    /// <summary>Completes when no batch is in flight. Called after the run was stopped, when no batch can be added any more.</summary>
    private Task EndOfLive()
    {
        lock (_gate)
        {
            if (_live.Count == 0) return Task.CompletedTask;
            _liveEnded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously); // the last one completes on a worker
            return _liveEnded.Task;
        }
    }

    /// <summary>Completes when the source is disposed. A synchronous source that is inside MoveNext cannot be interrupted, so it gets the
    /// grace period; after that its puller disposes it when MoveNext returns.</summary>
    private async ValueTask EndOfPullerAsync(bool isInSource)
    {
        if (!isInSource || _isSourceAsynchronous)
        {
            await _puller.ConfigureAwait(false);
            return;
        }

        try
        {
            await _puller.WaitAsync(_plan.Core.CancellationGrace, _plan.Core.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The grace period has expired; the puller reports any error that the source throws later.
        }
    }

    private async Task PullAsync(MapSource<T> source)
    {
        try
        {
            if (source.Synchronous is { } items) await PullAsync(items).ConfigureAwait(false);
            else await PullAsync(source.Asynchronous!).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopPulling!.IsCancellationRequested)
        {
            // The enumeration was left, and an asynchronous source reacted to the token that it was passed for this.
        }
        catch (Exception error)
        {
            bool heard;
            lock (_gate)
            {
                heard = !_stopped;
                _sourceError ??= ExceptionDispatchInfo.Capture(error);
                if (!(error is OperationCanceledException && _token.IsCancellationRequested)) _unread = error; // reacting to the map's own token is not an error
            }

            if (!heard) _plan.Core.Report(FailureSource.MapSource, 0, _plan.Options.Name, error);
        }
        finally
        {
            EndOfSource();
        }
    }

    private async Task PullAsync(IEnumerable<T> items)
    {
        using var source = items.GetEnumerator();
        bool hasRoom = false;
        while ((hasRoom || await HasRoomAsync().ConfigureAwait(false)) && TryEnterSource())
        {
            bool more = source.MoveNext();
            LeaveSource();
            if (!more) return;
            hasRoom = Add(source.Current);
        }
    }

    private async Task PullAsync(IAsyncEnumerable<T> items)
    {
        var source = items.GetAsyncEnumerator(_stopPulling!.Token);
        await using (source.ConfigureAwait(false))
        {
            bool hasRoom = false;
            while ((hasRoom || await HasRoomAsync().ConfigureAwait(false)) && TryEnterSource())
            {
                bool more = await source.MoveNextAsync().ConfigureAwait(false);
                LeaveSource();
                if (!more) return;
                hasRoom = Add(source.Current);
            }
        }
    }

    /// <summary>Records that the source is being entered. Returns false if the run was cancelled, or stopped by a reader that waits for the
    /// puller.</summary>
    private bool TryEnterSource()
    {
        if (_token.IsCancellationRequested) return false;
        Volatile.Write(ref _isInSource, true);
        Interlocked.MemoryBarrier(); // SYNC: in the source or stopped
        if (!Volatile.Read(ref _stopped)) return true;
        LeaveSource();
        return false;
    }

    private void LeaveSource() => Volatile.Write(ref _isInSource, false);

    /// <summary>Waits until one more item may be pulled; returns false if no more items are needed.</summary>
    private ValueTask<bool> HasRoomAsync()
    {
        lock (_gate)
        {
            if (_stopped || _sourceEnded) return new(false);
            if (_pulled - _read < _sizer.Limit) return new(true);
        }

        return WaitForRoomAsync();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitForRoomAsync()
    {
        while (true)
        {
            MapBatch<T, TResult>? batch;
            lock (_gate)
            {
                if (_stopped || _sourceEnded) return false;
                if (_pulled - _read < _sizer.Limit) return true;

                // The reader may be waiting for an item in the buffer.
                batch = _buffer.Count > 0 ? BatchLocked(TakeBufferLocked(), _pulled) : null;
            }

            if (batch is not null) Submit(batch);
            await _forPuller.WaitAsync().ConfigureAwait(false);
        }
    }

    private void EndOfSource()
    {
        MapBatch<T, TResult>? last = null;
        lock (_gate)
        {
            try
            {
                if (_buffer.Count > 0 && !_stopped && !_token.IsCancellationRequested) last = BatchLocked(TakeBufferLocked(), _pulled);
            }
            catch (Exception error)
            {
                // The executor accepts no more work: the reader gets the error at the position of the missing items.
                FailSourceLocked(error);
            }

            _sourceEnded = true;
            CheckInvariantsLocked();
        }

        if (last is not null) Submit(last);
        _forReader.Set();
    }

    private void TotalTimeOver()
    {
        Volatile.Write(ref _isOutOfTime, true);
        _forReader.Set();
    }

    private void ThrowIfInterrupted()
    {
        _token.ThrowIfCancellationRequested();
        if (!Volatile.Read(ref _isOutOfTime)) return;
        throw new TimeoutException(
            $"The map over '{_plan.Core.Name}' did not complete within its total timeout of {TimeoutArguments.Text(_plan.Options.TotalTimeout.GetValueOrDefault())}: " +
            $"{_read} items were returned, {_pulled - _read} are in flight.");
    }
}
