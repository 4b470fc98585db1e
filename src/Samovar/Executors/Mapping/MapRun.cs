using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Samovar.Primitives;
using Samovar.Tasks.Completions;
using Samovar.Tasks.Core;

namespace Samovar.Executors.Mapping;

/// <summary>One run of a map: from the source, through batches, to the reader.</summary>
/// <remarks>
/// <para>Three parties access the state under the gate: the <em>puller</em> (one, on the thread pool, so that a slow source never delays a
/// finished result), the <em>completions of batches</em> (on the threads that complete them) and the <em>reader</em> (the enumeration).
/// Rules:</para>
/// <list type="number">
/// <item>A pulled item stays in the buffer until a batch takes it. The puller creates a batch when the buffer has reached the batch size,
/// or when too few batches are in flight to keep the workers busy; a completing batch creates one for the same reason. So items are batched
/// only while the workers are busy anyway, and no item waits for others to fill a batch.</item>
/// <item>The number of items that are pulled and not yet read is bounded; the puller waits for the reader.</item>
/// <item>In an ordered map the window holds batches in the order of their creation, otherwise in the order of their completion. The items
/// that a slow batch returns become a batch that follows it.</item>
/// <item>An error of the source, or of the creation of a batch (the executor was shut down), stops the pulling. The reader gets it after
/// everything that came before.</item>
/// <item>No user code runs under the gate.</item>
/// </list>
/// </remarks>
internal sealed partial class MapRun<T, TResult> : Completion, IMapBatches<T, TResult>, IMapRun
{
    private readonly Lock _gate = new();
    private readonly MapPlan<T, TResult> _plan;
    private readonly BatchSizer _sizer;
    private readonly int _workers;
    private readonly Queue<MapBatch<T, TResult>> _window = new();
    private readonly HashSet<MapBatch<T, TResult>> _live = [];
    private readonly AsyncSignal _forReader = new();
    private readonly AsyncSignal _forPuller = new();
    private readonly Future? _outer;
    private readonly List<T> _buffer = [];
    private MapBatch<T, TResult>? _next;
    private ExceptionDispatchInfo? _sourceError;
    private Exception? _unread; // the error of the source itself, until the reader gets it
    private ExceptionDispatchInfo? _gap; // returned items could not be resubmitted: nothing after them is read
    private long _pulled;
    private long _read;
    private bool _sourceEnded;
    private bool _stopped; // read by the puller without the gate
    private TaskCompletionSource? _liveEnded; // set once the run is stopped: the reader waits for the last batch

    public MapRun(MapPlan<T, TResult> plan)
    {
        _plan = plan;
        _workers = plan.Core.Parallelism;
        _sizer = new BatchSizer(_workers, plan.Options.BatchSize, plan.Options.MaxInFlight, plan.IsSingle);

        // The map runs on the executor whose task runs this code, so the reader's task waits for other tasks of its own executor.
        if (RunningTask.Current is { } outer && ReferenceEquals(outer.Core, plan.Core)) _outer = outer;
        _outer?.BeginNestedWait();
    }

    /// <summary>Called when a batch has completed: settles it and submits another batch if the workers need one.</summary>
    public override void Signal(Future future)
    {
        var batch = (MapBatch<T, TResult>)future;
        batch.Settle();
        var counts = batch.CountOutcomes();
        MapBatch<T, TResult>? follower = null;
        TaskCompletionSource? liveEnded;

        // Called once, on the thread that completed the batch: a result that this thread has deserialized may have interrupted it.
        bool wasInterrupted = _gate.EnterRegardless();
        try
        {
            _live.Remove(batch);
            _plan.Tally.Count(in counts);
            if (!batch.HasCrashed) _sizer.Learn(batch.Ran, batch.Elapsed, _plan.Core.BatchDuration, MapPlan<T, TResult>.LargestBatch);
            batch.IsSettled = true;
            if (!_plan.Options.Ordered) _window.Enqueue(batch);
            try
            {
                follower = FollowLocked(batch);
            }
            catch (Exception error)
            {
                // The executor accepts no more work: the reader gets the error at the position of the missing items.
                if (batch.GivenBack is null) FailSourceLocked(error);
                else batch.RestError = error;
            }

            batch.GivenBack = null; // the follower owns the items now; this batch is referenced until it is read
            liveEnded = _live.Count == 0 ? _liveEnded : null;
            CheckInvariantsLocked();
        }
        finally
        {
            _gate.Exit();
        }

        try
        {
            _plan.Tally.Tell();
            _forReader.Set();
            liveEnded?.TrySetResult();
            if (follower is not null) Submit(follower);
        }
        finally
        {
            GateEntry.Reinterrupt(wasInterrupted);
        }
    }

    public int CountRunning()
    {
        List<MapBatch<T, TResult>> live;
        lock (_gate) live = [.. _live];
        return live.Count(static batch => batch.State == FutureState.Running); // not under the gate: the executor may have to find out
    }

    /// <summary>Returns the next completed batch; null at the end. For the single reader, which must call <see cref="HasRead"/> before the
    /// next call.</summary>
    public async ValueTask<MapBatch<T, TResult>?> NextAsync()
    {
        while (true)
        {
            lock (_gate)
            {
                _gap?.Throw();
                if (_next is null) _window.TryDequeue(out _next);
                if (_next is { IsSettled: true } settled)
                {
                    _next = null;
                    return settled;
                }

                ThrowIfInterrupted();
                if (_sourceEnded && _live.Count == 0 && _next is null && _buffer.Count == 0)
                {
                    if (_unread == _sourceError?.SourceException) _unread = null;
                    _sourceError?.Throw();
                    return null;
                }
            }

            await _forReader.WaitAsync().ConfigureAwait(false);
        }
    }

    public void HasRead(MapBatch<T, TResult> batch)
    {
        lock (_gate)
        {
            _read += batch.Ran;
            if (_plan.Options.Ordered) _next = batch.Rest;
            if (batch.RestError is { } error) _gap = ExceptionDispatchInfo.Capture(error);
            CheckInvariantsLocked();
        }

        _forPuller.Set();
    }

    /// <summary>Adds an item. Called by the puller. Returns true if there is room for one more; after false, call
    /// <see cref="HasRoomAsync"/>.</summary>
    private bool Add(T item)
    {
        MapBatch<T, TResult>? batch = null;
        lock (_gate)
        {
            if (!_stopped)
            {
                _buffer.Add(item);
                _pulled++;
                CheckInvariantsLocked();
                if (_buffer.Count >= _sizer.Size || _live.Count < _workers) batch = BatchLocked(TakeBufferLocked(), _pulled);
                else if (_pulled - _read < _sizer.Limit) return true; // the common case takes one lock per item
            }
        }

        if (batch is not null) Submit(batch);
        return false;
    }

    private MapBatch<T, TResult>? FollowLocked(MapBatch<T, TResult> batch)
    {
        if (_stopped) return null;
        if (batch.GivenBack is { } rest)
        {
            if (_plan.EndsWithFirstError && batch.Ran > 0 && !batch[batch.Ran - 1].IsSuccess) return null;
            var follower = NewBatchLocked(rest, batch.FirstIndex + batch.Ran);
            if (batch.HasCrashed && batch.Ran == 0) follower.TakePlaceOf(batch);
            batch.Rest = follower;
            return follower;
        }

        return _buffer.Count > 0 && _live.Count < _workers ? BatchLocked(TakeBufferLocked(), _pulled) : null;
    }

    private T[] TakeBufferLocked()
    {
        T[] items = [.. _buffer];
        _buffer.Clear();
        return items;
    }

    private MapBatch<T, TResult> BatchLocked(T[] items, long end)
    {
        var batch = NewBatchLocked(items, end - items.Length);
        if (_plan.Options.Ordered) _window.Enqueue(batch);
        return batch;
    }

    private MapBatch<T, TResult> NewBatchLocked(T[] items, long firstIndex)
    {
        var batch = new MapBatch<T, TResult>(_plan, items, firstIndex, _plan.Core.Admit(_plan.Options, regardless: true));
        batch.TrackExternal(_plan.Tracker);
        _live.Add(batch);
        CheckInvariantsLocked();
        return batch;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the state of a run changes only under its gate");
        Debug.Assert(_read >= 0 && _read + _buffer.Count <= _pulled, "only pulled items are buffered or read");
        Debug.Assert(!_stopped || _buffer.Count == 0, "a stopped run buffers no items");
        Debug.Assert(_plan.Options.Ordered || !_window.TryPeek(out var first) || first.IsSettled, "the window of an unordered map holds completed batches only");
        Debug.Assert(_liveEnded is null || _stopped, "the last batch is waited for only after the run was stopped");
    }

    private void FailSourceLocked(Exception error)
    {
        _sourceError ??= ExceptionDispatchInfo.Capture(error);
        _sourceEnded = true;
        _buffer.Clear();
    }
}
