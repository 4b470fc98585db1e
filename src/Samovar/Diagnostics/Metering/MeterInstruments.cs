using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Samovar.Diagnostics.Inspection;

namespace Samovar.Diagnostics.Metering;

/// <summary>The instruments of one meter, which all executors with the same factory share, however many there are.</summary>
/// <remarks>
/// <para>An instrument refers to no executor: observable instruments find the executors of their meter in the <see cref="ExecutorRegistry"/>, whose
/// references are weak, and read their totals. Executors of one name and type are added up, because two measurements with the same attributes in one
/// collection would overwrite one another.</para>
/// <para>Thread-safe.</para>
/// </remarks>
internal sealed class MeterInstruments
{
    private static readonly ConditionalWeakTable<IMeterFactory, MeterInstruments> s_byFactory = [];
    private static readonly Meter s_meter = new(NewOptions());
    private static MeterInstruments? s_shared;

    private readonly Meter _meter;
    private ClusterInstruments? _cluster; // Interlocked

    private MeterInstruments(Meter meter)
    {
        _meter = meter;
        var times = TimeBuckets;
        var sizes = new InstrumentAdvice<long>
        {
            HistogramBucketBoundaries = [64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20, 64 << 20, 256 << 20],
        };
        TaskDuration = meter.CreateHistogram(
            SamovarTelemetry.TaskDuration, "s", "How long the last attempt of a completed task ran; 0 if it never started.", null, times);
        TaskWaitDuration = meter.CreateHistogram(
            SamovarTelemetry.TaskWaitDuration, "s", "The time from the submission of a task to the start of its first attempt.", null, times);
        TaskRetries = meter.CreateCounter<long>(SamovarTelemetry.TaskRetries, "{retry}", "The attempts after the first.");
        TaskTimeouts = meter.CreateCounter<long>(SamovarTelemetry.TaskTimeouts, "{timeout}", "The attempts that timed out.");
        WorkerRestarts = meter.CreateCounter<long>(
            SamovarTelemetry.WorkerRestarts, "{restart}", "The worker processes that exited while their executor still needed them.");
        ShippingSize = meter.CreateHistogram(SamovarTelemetry.ShippingSize, "By", "The size of serialized work and results.", null, sizes);
        ShippingDuration = meter.CreateHistogram(
            SamovarTelemetry.ShippingDuration, "s", "The time to serialize work and to deserialize results.", null, times);
    }

    // Of all instruments of one name in one meter, the meter creates only the first, but observable ones each time. So these are created only for the
    // object that others find.
    private void Publish(Meter meter)
    {
        meter.CreateObservableUpDownCounter(SamovarTelemetry.TaskCount, CountTasks, "{task}", "The number of incomplete tasks.");
        meter.CreateObservableCounter(SamovarTelemetry.TaskSubmitted, CountSubmitted, "{task}", "The number of submitted tasks.");
        meter.CreateObservableUpDownCounter(SamovarTelemetry.WorkerCount, CountWorkers, "{worker}", "The number of workers.");
    }

    /// <summary>From 10 µs, a small task on a thread, to an hour.</summary>
    private static InstrumentAdvice<double> TimeBuckets => new()
    {
        HistogramBucketBoundaries = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60, 300, 900, 3600],
    };

    public Histogram<double> TaskDuration { get; }

    public Histogram<double> TaskWaitDuration { get; }

    public Counter<long> TaskRetries { get; }

    public Counter<long> TaskTimeouts { get; }

    public Counter<long> WorkerRestarts { get; }

    public Histogram<long> ShippingSize { get; }

    public Histogram<double> ShippingDuration { get; }

    /// <summary>The instruments of clusters in this meter, created on first use, without a lock, because that calls the listeners.</summary>
    public ClusterInstruments Cluster
    {
        get
        {
            if (Volatile.Read(ref _cluster) is { } known) return known;
            var created = new ClusterInstruments(_meter, TimeBuckets);
            if (Interlocked.CompareExchange(ref _cluster, created, null) is { } other) return other;
            created.Publish(_meter);
            return created;
        }
    }

    /// <summary>Returns the instruments of a factory's meter; for null, those of the meter that all other executors share. Creates them on first use, without a
    /// lock, because that calls the listeners.</summary>
    /// <exception cref="Exception">A listener threw.</exception>
    public static MeterInstruments Of(IMeterFactory? factory)
    {
        if (factory is null ? Volatile.Read(ref s_shared) is { } known : s_byFactory.TryGetValue(factory, out known)) return known;
        var meter = factory is null ? s_meter : factory.Create(NewOptions());
        var created = new MeterInstruments(meter);
        bool isFirst = factory is null ? Interlocked.CompareExchange(ref s_shared, created, null) is null : s_byFactory.TryAdd(factory, created);
        if (!isFirst) return Of(factory);
        created.Publish(meter);
        return created;
    }

    private static MeterOptions NewOptions() => new(SamovarTelemetry.MeterName)
    {
        Version = typeof(MeterInstruments).Assembly.GetName().Version?.ToString(3),
    };

    private List<Measurement<long>> CountTasks()
    {
        List<Measurement<long>> counts = [];
        foreach (var ((name, type), figures) in Read())
        {
            Add("queued", figures.Queued);
            Add("sent", figures.Sent);
            Add("running", figures.Running);

            void Add(string state, long? count) => AddState(counts, name, type, SamovarTelemetry.TaskStateKey, state, count);
        }

        return counts;
    }

    private List<Measurement<long>> CountWorkers()
    {
        List<Measurement<long>> counts = [];
        foreach (var ((name, type), figures) in Read())
        {
            Add("idle", figures.Idle);
            Add("busy", figures.Busy);
            Add("starting", figures.Starting);
            Add("stopping", figures.Stopping);

            void Add(string state, long? count) => AddState(counts, name, type, SamovarTelemetry.WorkerStateKey, state, count);
        }

        return counts;
    }

    private IEnumerable<Measurement<long>> CountSubmitted() => Read().Select(static pair => new Measurement<long>(
        pair.Value.Submitted,
        new KeyValuePair<string, object?>(SamovarTelemetry.ExecutorNameKey, pair.Key.Name),
        new KeyValuePair<string, object?>(SamovarTelemetry.ExecutorTypeKey, pair.Key.Type)));

    private static void AddState(List<Measurement<long>> counts, string name, string type, string key, string state, long? count)
    {
        if (count is not { } known) return;
        counts.Add(new Measurement<long>(
            known,
            new KeyValuePair<string, object?>(SamovarTelemetry.ExecutorNameKey, name),
            new KeyValuePair<string, object?>(SamovarTelemetry.ExecutorTypeKey, type),
            new KeyValuePair<string, object?>(key, state)));
    }

    private Dictionary<(string Name, string Type), ExecutorFigures> Read()
    {
        Dictionary<(string Name, string Type), ExecutorFigures> all = [];
        foreach (var executor in ExecutorRegistry.Running())
        {
            if (executor is not IMetered { Meter: { } meter } metered || !ReferenceEquals(meter.Instruments, this)) continue;
            var key = (meter.Executor, meter.Type);
            var figures = metered.ReadFigures();
            all[key] = all.TryGetValue(key, out var others) ? others + figures : figures;
        }

        return all;
    }
}
