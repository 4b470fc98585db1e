using System.Diagnostics;
using Samovar.Ipc;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Executors.Mapping;

/// <summary>Some consecutive items of a map, run as one task.</summary>
/// <remarks>Several items never fail the task: each has an outcome. A single item does, so that timeouts and retries are those
/// of every task.</remarks>
internal sealed class MapBatch<T, TResult> : Future
{
    /// <summary>How often a batch of many items looks at the clock.</summary>
    private const int ClockLooks = 16;

    /// <summary>A worker may die by chance before it has begun an item; one that is alone is tried again so often.</summary>
    private const int MostSetbacks = 2;

    private readonly MapPlan<T, TResult> _plan;
    private Outcome<TResult>[] _outcomes = [];
    private T[]? _items;
    private T[]? _kept; // after the end, for the reader: the items, where it gives them or one of them has failed
    private T[]? _surplus; // items that do not travel with the others
    private int _setbacks; // batches of these items before this one whose worker died before it had begun any

    public MapBatch(MapPlan<T, TResult> plan, T[] items, long firstIndex, long id)
        : base(plan.Core, plan.Options, id, plan.Context)
    {
        _plan = plan;
        _items = items;
        Count = items.Length;
        FirstIndex = firstIndex;
    }

    /// <summary>The place of its first item in the source.</summary>
    public long FirstIndex { get; }

    public int Count { get; }

    /// <summary>How many items have an outcome; the rest goes on in <see cref="Rest"/> or was cancelled. After the end.</summary>
    public int Ran { get; private set; }

    /// <summary>How long they took. After the end.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>The items this batch gave back because it turned out slow.</summary>
    public MapBatch<T, TResult>? Rest { get; set; }

    /// <summary>Why what it gave back could not go on: the executor takes no more.</summary>
    public Exception? RestError { get; set; }

    /// <summary>Whether its worker died, so that how long it took says nothing. After the end.</summary>
    public bool HasCrashed { get; private set; }

    /// <summary>Whether its outcomes are there to be read. Under the run's gate.</summary>
    public bool IsSettled { get; set; }

    /// <summary>The items it gave back, for the batch that takes them over.</summary>
    public T[]? GivenBack { get; set; }

    internal override bool IsAsynchronous => _plan.Work.IsAsynchronous;

    internal override Activity? SubmittedUnder => _plan.Activity;

    internal override CulturePair? SubmittedCultures => _plan.Cultures;

    public ref readonly Outcome<TResult> this[int i] => ref _outcomes[i];

    /// <summary>Gives an outcome away; the batch keeps nothing of it. Its item stays until the batch is read: work that was left behind may still look at it.</summary>
    public Outcome<TResult> Take(int i, out T item)
    {
        var outcome = _outcomes[i];
        _outcomes[i] = default;
        item = _kept is null ? default! : _kept[i];
        if (_kept is not null && _plan.EndsWithFirstError && outcome.Error is { } error) FailedItem.Note(error, outcome.LongIndex, item);
        return outcome;
    }

    /// <summary>Gives an item that failed as a task, or was cancelled, its outcome. After the end, before anybody reads.</summary>
    public void Settle()
    {
        if (State == FutureState.Succeeded) return;
        var error = Exception!;
        var surplus = Volatile.Read(ref _surplus); // read once: the batch may be ended by one thread while another still lightens it
        _outcomes = new Outcome<TResult>[Count - (surplus?.Length ?? 0)];
        for (int i = 0; i < _outcomes.Length; i++) _outcomes[i] = Outcome<TResult>.Failure(FirstIndex + i, error);
        Ran = _outcomes.Length;
        GivenBack = surplus;
    }

    /// <summary>How many items travel together; the others are for a batch that follows.</summary>
    private int Light => Count - (Volatile.Read(ref _surplus)?.Length ?? 0);

    /// <summary>Leaves the later half of the items to a batch that follows. False: there is but one, or the batch has been ended
    /// meanwhile. Before the batch is accepted.</summary>
    public bool TryLighten()
    {
        int light = Light;
        if (light == 1 || Volatile.Read(ref _items) is not { } items) return false;
        Volatile.Write(ref _surplus, items[(light / 2)..]);
        return true;
    }

    /// <summary>Takes the place of a batch whose worker died before it had begun an item: fewer items are tried together each time, so that
    /// one whose reading ends workers is alone at last, and is then tried no more. Before the batch is accepted.</summary>
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
        var items = Volatile.Read(ref _items) ?? []; // none once it has been ended: what is written then is never sent
        int light = Math.Min(Light, items.Length);
        var chunk = new MapChunk<T, TResult>(_plan.Work, light == items.Length ? items : items[..light], _plan.EndsWithFirstError, _plan.Patience);
        return IsAsynchronous
            ? new((Func<Task<ItemsDone>>)chunk.RunAsync, DelegateKind.Asynchronous, BringsResult: true, _plan.Shared)
            : new((Func<ItemsDone>)chunk.Run, DelegateKind.Synchronous, BringsResult: true, _plan.Shared);
    }

    internal override void Complete(int attempt, ResultSource result)
    {
        var outcomes = new Outcome<TResult>[Light];
        int ran = ReadOutcomes(result, outcomes);
        if (ran < 1) throw new InvalidOperationException($"A worker sent results of {ran} of the {outcomes.Length} items of a batch.");
        _plan.HasProgressed();
        End(attempt, outcomes, ran, result.Elapsed);
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
            ran = ReadOutcomes(result, outcomes);
        }
        catch (ChannelCorruptedException)
        {
            return false; // nothing is known of its items then, and the error that says why the worker ended is for all of them
        }

        if (light == 1 && ran == 0) return false; // with its timeout and its retries
        if (ran < begun && IsCancelRequested) error = Canceled();
        for (; ran < begun; ran++) outcomes[ran] = Outcome<TResult>.Failure(FirstIndex + ran, error);
        return EndCrashed(outcomes, ran);

        bool EndCrashed(Outcome<TResult>[] outcomes, int ran)
        {
            HasCrashed = true;
            End(attempt, outcomes, ran, TimeSpan.Zero);
            return true;
        }
    }

    private int ReadOutcomes(ResultSource result, Outcome<TResult>[] outcomes)
    {
        try
        {
            int ran = 0;
            foreach (var part in result.Earlier) ran = ItemBlock.Read(part, outcomes, ran, FirstIndex);
            return ItemBlock.Read(result, outcomes, ran, FirstIndex);
        }
        finally
        {
            foreach (var part in result.Earlier) part.Release();
            result.Release();
        }
    }

    private void End(int attempt, Outcome<TResult>[] outcomes, int ran, TimeSpan took)
    {
        if (Volatile.Read(ref _items) is not { } items || !TryClaimSuccess(attempt)) return;
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

    private protected override void ReleaseWork()
    {
        if (!_plan.EndsWithFirstError || HasFailure || HasFailedItem()) _kept = Volatile.Read(ref _items);
        Volatile.Write(ref _items, null);
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
        // The batch's own only once the outcome is claimed: one that was ended meanwhile has other outcomes.
        var outcomes = new Outcome<TResult>[items.Length];
        var time = Core.Time;
        long began = time.GetTimestamp();
        int stride = Math.Max(1, items.Length / ClockLooks);
        int ran = 0;
        bool goesOn = true;
        var context = ExecutionContext.Capture();
        while (goesOn && ran < items.Length)
        {
            // What an item puts into the context must not depend on who travels with it.
            if (context is not null) ExecutionContext.Restore(context);
            try
            {
                outcomes[ran] = Outcome<TResult>.Success(FirstIndex + ran, _plan.Work.Run(items[ran], this));
            }
            catch (Exception error)
            {
                // The item's own outcome; its neighbours go on unless the map ends with its first error.
                outcomes[ran] = Outcome<TResult>.Failure(FirstIndex + ran, error);
                goesOn = !_plan.EndsWithFirstError;
            }

            ran++;
            if (ran % stride == 0) goesOn &= !IsStopRequested && time.GetElapsedTime(began) < _plan.Patience;
        }

        if (!TryClaimSuccess(attempt)) return;
        _outcomes = outcomes;
        if (ran < items.Length) GivenBack = items[ran..];
        Ran = ran;
        Elapsed = time.GetElapsedTime(began);
        Finish(FutureState.Succeeded);
    }
}
