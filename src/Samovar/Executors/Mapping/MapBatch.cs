using System.Diagnostics;
using Samovar.Diagnostics.Metering;
using Samovar.Ipc;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Executors.Mapping;

/// <summary>Consecutive items of a map that run as one task.</summary>
/// <remarks>A batch of several items never fails as a task: each item has its own outcome. A batch of one item does, so that timeouts and
/// retries work as for every task.</remarks>
internal sealed class MapBatch<T, TResult> : Future, INotesRetries, IItemWork, IRetryable
{
    /// <summary>The number of times that a batch of many items reads the clock.</summary>
    private const int ClockLooks = 16;

    /// <summary>A worker may die for unrelated reasons before it has started an item; a single item is retried this often.</summary>
    private const int MostSetbacks = 2;

    private readonly MapPlan<T, TResult> _plan;
    private Outcome<TResult>[] _outcomes = [];
    private T[]? _items;
    private T[]? _kept; // after completion, for the reader: the items, if it returns them or one of them failed
    private T[]? _surplus; // items that are not sent with the others
    private bool _hasErrors; // whether one of the outcomes is an error
    private int _setbacks; // how many earlier batches of these items lost their worker before it started any

    public MapBatch(MapPlan<T, TResult> plan, T[] items, long firstIndex, long id)
        : base(plan.Core, plan.Options, id, plan.Context)
    {
        _plan = plan;
        _items = items;
        Count = items.Length;
        FirstIndex = firstIndex;
    }

    /// <summary>The index of the first item in the source.</summary>
    public long FirstIndex { get; }

    public int Count { get; }

    /// <summary>The number of items that have an outcome; the others continue in <see cref="Rest"/> or were cancelled. Valid after
    /// completion.</summary>
    public int Ran { get; private set; }

    /// <summary>How long these items took. Valid after completion.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>The batch that runs the items this batch returned because it was slow.</summary>
    public MapBatch<T, TResult>? Rest { get; set; }

    /// <summary>The error that prevented the returned items from continuing: the executor accepts no more work.</summary>
    public Exception? RestError { get; set; }

    /// <summary>Whether the worker died, so that <see cref="Elapsed"/> is not meaningful. Valid after completion.</summary>
    public bool HasCrashed { get; private set; }

    /// <summary>Whether the outcomes can be read. Guarded by the run's gate.</summary>
    public bool IsSettled { get; set; }

    /// <summary>The items that this batch returned, for the batch that takes them over.</summary>
    public T[]? GivenBack { get; set; }

    internal override bool IsAsynchronous => _plan.Work.IsAsynchronous;

    internal override Activity? SubmittedUnder => _plan.Activity;

    internal override CulturePair? SubmittedCultures => _plan.Cultures;

    public ref readonly Outcome<TResult> this[int i] => ref _outcomes[i];

    /// <summary>Moves an outcome to the caller; the batch drops its reference. The item stays until the batch is read: abandoned work may
    /// still access it.</summary>
    public Outcome<TResult> Take(int i, out T item)
    {
        var outcome = _outcomes[i];
        _outcomes[i] = default;
        item = _kept is null ? default! : _kept[i];
        if (_kept is not null && _plan.EndsWithFirstError && outcome.Error is { } error) FailedItem.Note(error, outcome.LongIndex, item);
        return outcome;
    }

    /// <summary>Creates the outcome of an item that failed as a task or was cancelled. Called after completion, before the batch is
    /// read.</summary>
    public void Settle()
    {
        if (State == FutureState.Succeeded) return;
        var error = Exception!;
        var surplus = Volatile.Read(ref _surplus); // read once: one thread may complete the batch while another still splits it
        _outcomes = new Outcome<TResult>[Count - (surplus?.Length ?? 0)];
        for (int i = 0; i < _outcomes.Length; i++) _outcomes[i] = Outcome<TResult>.Failure(FirstIndex + i, error);
        Ran = _outcomes.Length;
        GivenBack = surplus;
    }

    /// <summary>Counts the outcomes. Called after <see cref="Settle"/>, before the batch is read.</summary>
    public MapBatchCounts CountOutcomes()
    {
        if (State != FutureState.Succeeded) return State == FutureState.Canceled ? new(0, 0, Ran) : new(0, Ran, 0);
        int failed = 0, canceled = 0;
        for (int i = 0; _hasErrors && i < Ran; i++)
        {
            if (_outcomes[i].Error is not { } error) continue;
            if (error is OperationCanceledException && IsCancelRequested) canceled++;
            else failed++;
        }

        return new(Ran - failed - canceled, failed, canceled);
    }

    /// <summary>The number of items that are sent together; the others belong to a batch that follows.</summary>
    private int Light => Count - (Volatile.Read(ref _surplus)?.Length ?? 0);

    /// <summary>Leaves the second half of the items to a batch that follows. Returns false if only one item is left, or if the batch
    /// completed in the meantime. Called before the batch is accepted.</summary>
    public bool TryLighten()
    {
        int light = Light;
        if (light == 1 || Volatile.Read(ref _items) is not { } items) return false;
        Volatile.Write(ref _surplus, items[(light / 2)..]);
        return true;
    }

    /// <summary>Replaces a batch whose worker died before it started an item. Each replacement sends fewer items together, so that an item
    /// whose deserialization kills workers is isolated in the end and then no longer retried. Called before the batch is
    /// accepted.</summary>
    public void TakePlaceOf(MapBatch<T, TResult> setBack)
    {
        _setbacks = setBack._setbacks + 1;
        int most = Math.Max(1, setBack.Light / 2);
        while (Light > most && TryLighten()) continue;
    }

    internal override bool HasItems => true;

    internal override long IndexOf(int place) => FirstIndex + place;

    internal override ShippableWork GetShippable()
    {
        var items = Volatile.Read(ref _items) ?? []; // empty once the batch has completed: the chunk is then never sent
        if (_plan.RunsSingly) return new MapItem<T, TResult>(_plan.Work, items.Length == 0 ? default! : items[0]).GetShippable(_plan.Shared);
        int light = Math.Min(Light, items.Length);
        var chunk = new MapChunk<T, TResult>(_plan.Work, light == items.Length ? items : items[..light], _plan.EndsWithFirstError, _plan.Patience, _plan.Tally.IsDetailed);
        return IsAsynchronous
            ? new((Func<Task<ItemsDone>>)chunk.RunAsync, DelegateKind.Asynchronous, BringsResult: true, _plan.Shared)
            : new((Func<ItemsDone>)chunk.Run, DelegateKind.Synchronous, BringsResult: true, _plan.Shared);
    }

    internal override void Complete(int attempt, ResultSource result)
    {
        if (_plan.RunsSingly)
        {
            Succeed(attempt, _plan.Work.BringsResult ? result.Read<TResult>(Core.Meter) : default!, result.Elapsed);
            return;
        }

        var outcomes = new Outcome<TResult>[Light];
        int ran = ReadOutcomes(result, outcomes, isWhole: true, out var slowest);
        if (ran < 1) throw new InvalidOperationException($"A worker sent no result for any of the {outcomes.Length} items of a batch.");
        _plan.HasProgressed();
        End(attempt, outcomes, ran, result.Elapsed, slowest);
    }

    internal override bool EndAfterDeath(int attempt, ResultSource result, int begun, Exception error)
    {
        int light = Light;
        if (begun > light) return false;
        if (begun == 0) return _plan.MayTryAgain() && (light > 1 || _setbacks < MostSetbacks) && EndCrashed([], 0);
        _plan.HasProgressed();
        var outcomes = new Outcome<TResult>[light];
        int ran;
        try
        {
            ran = ReadOutcomes(result, outcomes, isWhole: false, out _);
        }
        catch (ChannelCorruptedException)
        {
            return false; // the state of the items is unknown, so all of them get the error that describes the death of the worker
        }

        if (light == 1 && ran == 0) return false; // it fails as a task, with its timeout and its retries
        if (ran < begun && IsCancelRequested) error = TaskErrors.Canceled(this);
        _hasErrors |= ran < begun;
        for (; ran < begun; ran++) outcomes[ran] = Outcome<TResult>.Failure(FirstIndex + ran, error);
        return EndCrashed(outcomes, ran);

        bool EndCrashed(Outcome<TResult>[] outcomes, int ran)
        {
            HasCrashed = true;
            End(attempt, outcomes, ran, TimeSpan.Zero, default);
            return true;
        }
    }

    /// <summary>Reads what a worker has sent.</summary>
    /// <param name="result">The result.</param>
    /// <param name="outcomes">Where the outcomes go.</param>
    /// <param name="isWhole">Whether the worker completed the result, so that nothing meaningless follows the outcomes.</param>
    /// <param name="slowest">The slowest item, if the worker measured the items.</param>
    private int ReadOutcomes(ResultSource result, Outcome<TResult>[] outcomes, bool isWhole, out SlowestOfChunk slowest)
    {
        try
        {
            long began = Core.Meter?.BeginShipping() ?? 0;
            int ran = 0;
            foreach (var part in result.Earlier) ran = ItemBlock.Read(part, outcomes, ran, FirstIndex, ref _hasErrors, out _);
            ran = ItemBlock.Read(result, outcomes, ran, FirstIndex, ref _hasErrors, out var rest);
            slowest = isWhole ? SlowestOfChunk.Read(rest, ran) : default;
            Core.Meter?.Shipped(ShippingDirection.Receive, began);
            return ran;
        }
        finally
        {
            foreach (var part in result.Earlier) part.Release();
            result.Release();
        }
    }

    private void End(int attempt, Outcome<TResult>[] outcomes, int ran, TimeSpan took, SlowestOfChunk slowest)
    {
        if (Volatile.Read(ref _items) is not { } items || !TryClaimSuccess(attempt)) return;
        Measure(slowest, ran, items);
        _outcomes = outcomes;
        if (ran < items.Length) GivenBack = items[ran..];
        Ran = ran;
        Elapsed = took;
        Finish(FutureState.Succeeded);
    }

    private protected override Task? Invoke(int attempt)
    {
        if (Volatile.Read(ref _items) is not { } items) return null;
        if (_plan.Work.IsAsynchronous) return _plan.Work.Start(items[0], this);

        if (items.Length == 1)
        {
            long began = Core.Time.GetTimestamp();
            Succeed(attempt, _plan.Work.Run(items[0], this), Core.Time.GetElapsedTime(began));
        }
        else
        {
            RunMany(items, attempt);
        }

        return null;
    }

    private protected override void Collect(int attempt, Task work) => Succeed(attempt, _plan.Work.ResultOf(work), RunTime);

    internal override Delegate? MeteredWork => _plan.Work.Work;

    public void NoteRetry(long began) => _plan.Tally.CountRetry(Worker, began);

    Delegate IItemWork.Work => _plan.Work.Work;

    object? IItemWork.First => Volatile.Read(ref _items) is [var first, ..] ? first : null;

    public RetryableWork? KeepWork()
    {
        // Only a batch of one item fails as a task. The further task is one of its own, and not of the map, which has an outcome for the item.
        if (Volatile.Read(ref _items) is not [var item]) return null;
        var single = new MapItem<T, TResult>(_plan.Work, item).GetShippable(shared: null);
        return new RetryableWork(Options, CapturedData.SizeOf(single.Work), (core, options, id) => single.BringsResult
            ? new DelegateFuture<TResult>(core, single.Work, single.Kind, options, id)
            : new DelegateFuture(core, single.Work, single.Kind, options, id));
    }

    private protected override void ReleaseWork()
    {
        if (_plan.Tally.IsDetailed) Measure();
        if (!_plan.EndsWithFirstError || OwnError is not null || HasFailedItem()) _kept = Volatile.Read(ref _items);
        Volatile.Write(ref _items, null);
    }

    /// <summary>Measures the batch, which has completed. Its last worker and its times are known; its state is not yet visible to others.</summary>
    private void Measure()
    {
        int ran = HasCrashed || Ran > 0 ? Ran : Light;
        var worker = Worker;
        _plan.Tally.Measure(worker, StartedTimestamp, FinishedTimestamp, ran);
        if (ran == 1 && worker is not null && Volatile.Read(ref _items) is [var item, ..])
            _plan.Tally.MeasureItem(item, FirstIndex, Core.Time.GetElapsedTime(StartedTimestamp, FinishedTimestamp), worker);
    }

    /// <summary>Measures the slowest of several items.</summary>
    private void Measure(SlowestOfChunk slowest, int ran, T[] items)
    {
        if (ran > 1 && slowest.HasValue && _plan.Tally.IsDetailed) _plan.Tally.MeasureItem(items[slowest.Place], FirstIndex + slowest.Place, slowest.Took, Worker);
    }

    private bool HasFailedItem()
    {
        foreach (ref readonly var outcome in _outcomes.AsSpan())
        {
            if (!outcome.IsSuccess) return true;
        }

        return false;
    }

    private void Succeed(int attempt, TResult result, TimeSpan took)
    {
        if (!TryClaimSuccess(attempt)) return;
        _outcomes = [Outcome<TResult>.Success(FirstIndex, result)];
        Ran = 1;
        Elapsed = took;
        Finish(FutureState.Succeeded);
    }

    private void RunMany(T[] items, int attempt)
    {
        // Assigned to the batch only once the outcome is claimed: a batch that was completed in the meantime has other outcomes.
        var outcomes = new Outcome<TResult>[items.Length];
        var time = Core.Time;
        long began = time.GetTimestamp();
        var clock = new ItemClock(time, began, _plan.Tally.IsDetailed);
        int stride = Math.Max(1, items.Length / ClockLooks);
        int ran = 0;
        bool goesOn = true, hasErrors = false;
        var context = ExecutionContext.Capture();
        while (goesOn && ran < items.Length)
        {
            // Changes that an item makes to the execution context must not be visible to the other items of its batch.
            if (context is not null) ExecutionContext.Restore(context);
            try
            {
                outcomes[ran] = Outcome<TResult>.Success(FirstIndex + ran, _plan.Work.Run(items[ran], this));
            }
            catch (Exception error)
            {
                // The item's own outcome; the other items continue unless the map stops at its first error.
                outcomes[ran] = Outcome<TResult>.Failure(FirstIndex + ran, error);
                goesOn = !_plan.EndsWithFirstError;
                hasErrors = true;
            }

            if (clock.IsOn) clock.Ended(ran);
            ran++;
            if (ran % stride == 0) goesOn &= !IsStopRequested && time.GetElapsedTime(began) < _plan.Patience;
        }

        if (!TryClaimSuccess(attempt)) return;
        Measure(clock.Slowest, ran, items);
        _outcomes = outcomes;
        _hasErrors = hasErrors;
        if (ran < items.Length) GivenBack = items[ran..];
        Ran = ran;
        Elapsed = time.GetElapsedTime(began);
        Finish(FutureState.Succeeded);
    }
}
