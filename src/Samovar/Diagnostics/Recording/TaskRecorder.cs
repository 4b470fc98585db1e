using System.Diagnostics;
using Samovar.Primitives;

namespace Samovar.Diagnostics.Recording;

/// <summary>Records the tasks of one executor while a watcher is connected: the newest attempts, failures in a ring of their own, and the times of each
/// function. Thread-safe.</summary>
/// <remarks>
/// <para>While no one watches, a task costs one read of <see cref="IsOn"/>, and nothing is allocated.</para>
/// <para>Recording never slows the executor down: of the attempts that succeed, only <see cref="Capacity"/> are recorded between two reads. The others
/// cost one more read and an addition, and are counted as skipped. All failures are recorded, as far as the room for them lasts.</para>
/// </remarks>
internal sealed class TaskRecorder
{
    /// <summary>How many attempts are kept for watchers.</summary>
    public const int Recent = 4_096;

    /// <summary>How many attempts are kept while a trace is recorded, which reads them often.</summary>
    public const int Traced = 65_536;

    /// <summary>How many failures are kept.</summary>
    public const int Failures = 512;

    /// <summary>How many functions are recorded; the others are recorded as one.</summary>
    public const int MostFunctions = 512;

    private const string Others = "other";

    private static int s_watchers;
    private static int s_traces;

    private readonly Lock _gate = new();
    private RecordRing<RecordedAttempt>? _attempts;
    private RecordRing<RecordedAttempt>? _failures;
    private Dictionary<string, FunctionRecord>? _functions;
    private int _room = Recent;
    private int _failureRoom = Failures;
    private StripedCounter _skipped;
    private StripedCounter _shippingTicks;
    private StripedCounter _shippedBytes;

    /// <summary>The work of failed tasks that watchers may have run again.</summary>
    public WorkKeeper Works { get; } = new();

    /// <summary>Whether anyone watches this process.</summary>
    public static bool IsOn => Volatile.Read(ref s_watchers) != 0;

    /// <summary>How many attempts are kept, and how many are recorded between two reads.</summary>
    public static int Capacity => Volatile.Read(ref s_traces) != 0 ? Traced : Recent;

    /// <summary>Begins recording for one more watcher.</summary>
    /// <param name="isTrace">Whether it records a trace.</param>
    public static void Watch(bool isTrace = false)
    {
        if (isTrace) Interlocked.Increment(ref s_traces);
        Interlocked.Increment(ref s_watchers);
    }

    /// <summary>Ends recording for a watcher.</summary>
    /// <param name="isTrace">Whether it recorded a trace.</param>
    /// <returns>Whether no one watches any more; then the caller calls <see cref="Clear"/> for each recorder.</returns>
    public static bool Unwatch(bool isTrace = false)
    {
        if (isTrace) Interlocked.Decrement(ref s_traces);
        return Interlocked.Decrement(ref s_watchers) == 0;
    }

    /// <summary>Whether an attempt that completed now is recorded; counts it otherwise. Called only while <see cref="IsOn"/>.</summary>
    /// <param name="outcome">The outcome.</param>
    public bool TakeRoom(AttemptOutcome outcome)
    {
        ref int room = ref outcome is AttemptOutcome.Succeeded or AttemptOutcome.Canceled ? ref _room : ref _failureRoom;
        if (Volatile.Read(ref room) > 0 && Interlocked.Decrement(ref room) >= 0) return true;
        _skipped.Add(1);
        return false;
    }

    /// <summary>Whether successes that complete now are recorded. Called only while <see cref="IsOn"/>.</summary>
    public bool HasRoom => Volatile.Read(ref _room) > 0;

    /// <summary>Gives room for the attempts until the next read.</summary>
    public void Refill()
    {
        Volatile.Write(ref _room, Capacity);
        Volatile.Write(ref _failureRoom, Failures);
    }

    /// <summary>Records an attempt.</summary>
    public void Add(in RecordedAttempt attempt)
    {
        lock (_gate)
        {
            AttemptsLocked().Add(attempt);
            if (attempt.Error is not null) (_failures ??= new(Failures)).Add(attempt);
            FunctionLocked(attempt.Function).Add(attempt);
            CheckInvariantsLocked();
        }
    }

    /// <summary>Counts the time for serializing or deserializing a message.</summary>
    public void Shipped(TimeSpan time) => _shippingTicks.Add(time.Ticks);

    /// <summary>Counts the size of a message.</summary>
    public void Weighed(long bytes) => _shippedBytes.Add(bytes);

    /// <summary>Returns what was recorded.</summary>
    /// <param name="seen">How many attempts the caller has seen; the snapshot has only newer ones.</param>
    /// <param name="buffer">The list for the attempts, which is cleared first: a caller that reads often gives the same one each time, so that this method
    /// does not allocate while it keeps executors from recording.</param>
    public RecorderSnapshot Read(long seen, List<RecordedAttempt> buffer)
    {
        buffer.Clear();
        lock (_gate)
        {
            _attempts?.CopySince(seen, buffer);
            return new RecorderSnapshot
            {
                Recorded = _attempts?.Added ?? 0,
                Skipped = _skipped.Read(),
                Shipping = TimeSpan.FromTicks(_shippingTicks.Read()),
                ShippedBytes = _shippedBytes.Read(),
                FailuresKept = _failures?.Count ?? 0,
                FailuresRecorded = _failures?.Added ?? 0,
                NewAttempts = buffer,
                Functions = _functions is { } functions ? [.. functions.Values.Select(static function => function.Copy())] : [],
            };
        }
    }

    /// <summary>Returns the kept attempts, the newest first.</summary>
    public List<RecordedAttempt> ReadAttempts()
    {
        lock (_gate) return _attempts is { } attempts ? [.. attempts.NewestFirst()] : [];
    }

    /// <summary>Returns the kept failures, the newest first.</summary>
    public List<RecordedAttempt> ReadFailures()
    {
        lock (_gate) return _failures is { } failures ? [.. failures.NewestFirst()] : [];
    }

    /// <summary>Drops everything that was recorded. An attempt that completes at this moment may be recorded afterwards.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _attempts = null;
            _failures = null;
            _functions = null;
            _skipped.Clear();
            _shippingTicks.Clear();
            _shippedBytes.Clear();
        }

        Works.Clear();
        Refill();
    }

    private RecordRing<RecordedAttempt> AttemptsLocked()
    {
        int capacity = Capacity;
        if (_attempts is { } attempts && attempts.Capacity >= capacity) return attempts;
        return _attempts = _attempts?.WithCapacity(capacity) ?? new RecordRing<RecordedAttempt>(capacity);
    }

    private FunctionRecord FunctionLocked(string name)
    {
        _functions ??= new(StringComparer.Ordinal);
        if (_functions.TryGetValue(name, out var known)) return known;
        if (_functions.Count >= MostFunctions - 1) name = Others;
        if (!_functions.TryGetValue(name, out known)) _functions.Add(name, known = new FunctionRecord(name));
        return known;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_functions is null or { Count: <= MostFunctions }, "no more functions are recorded than the limit");
        Debug.Assert((_failures?.Added ?? 0) <= (_attempts?.Added ?? 0), "each failure is an attempt");
    }
}
