using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Samovar.Primitives;

namespace Samovar.Executors.Mapping;

/// <content>The puller, the interruptions (token, total time), and the stop.</content>
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

    /// <summary>Begins to pull.</summary>
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

        _puller = Task.Run(() => PullAsync(source), CancellationToken.None);
        _isSourceAsynchronous = source.Asynchronous is not null;
    }

    /// <summary>Ends the run: nothing more is pulled, what has not run is cancelled, and what runs has its token tripped. Completes when no item
    /// runs any more and the source is disposed. For the reader, as it leaves.</summary>
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

        // The last first: a worker that is freed by a cancellation must not find the next one waiting.
        foreach (var batch in live) batch.Cancel();
        await StopPullingAsync().ConfigureAwait(false);
        await _onCancel.DisposeAsync().ConfigureAwait(false);
        if (_totalTimer is not null) await _totalTimer.DisposeAsync().ConfigureAwait(false);
        await EndOfLive().ConfigureAwait(false);
        _plan.Shared?.Release();
        _outer?.EndNestedWait();
        await EndOfPullerAsync(isInSource).ConfigureAwait(false);

        // An item's error came first, or the loop was left before it met the source's.
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
            // Callbacks on the token belong to the source, and must not take the place of the error that ends the map.
            _plan.Core.Report(FailureSource.CancellationCallback, 0, _plan.Options.Name, errors);
        }

        _forPuller.Set();
    }

    /// <summary>Completes when no batch is under way. After the run was stopped: none is added any more.</summary>
    private Task EndOfLive()
    {
        lock (_gate)
        {
            if (_live.Count == 0) return Task.CompletedTask;
            _liveEnded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously); // the last one ends on a worker
            return _liveEnded.Task;
        }
    }

    /// <summary>Completes when the source is disposed. A synchronous one that is inside MoveNext gets the grace, as it cannot be asked to return;
    /// after that its puller disposes it when it returns.</summary>
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
            // The grace is over; the puller reports what the source may still throw.
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
            // The loop was left, and an asynchronous source obeyed the token it was given for this.
        }
        catch (Exception error)
        {
            bool heard;
            lock (_gate)
            {
                heard = !_stopped;
                _sourceError ??= ExceptionDispatchInfo.Capture(error);
                if (!(error is OperationCanceledException && _token.IsCancellationRequested)) _unread = error; // one that obeys the map's token ends with it
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

    /// <summary>Notes that the source is entered. False: the run was cancelled, or stopped by a reader that waits for this.</summary>
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

    /// <summary>Waits until one more item may be pulled; false when none is wanted any more.</summary>
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

                // What is in the buffer may be what the reader waits for.
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
                // The executor takes no more: the reader meets the error where the items are missing.
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
            $"The map over '{_plan.Core.Name}' did not end within its total timeout of {TimeoutArguments.Text(_plan.Options.TotalTimeout.GetValueOrDefault())}: {_read} items were given, {_pulled - _read} are under way.");
    }
}
