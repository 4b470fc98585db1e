#:project ../src/Samovar/Samovar.csproj
#:package OpenTelemetry
#:package OpenTelemetry.Exporter.InMemory
#:property PublishAot=false

// One trace across the process border, and the metrics of its executor, with OpenTelemetry. The exporters keep everything in memory, so that the
// program can show it; a service has OTLP exporters in their place, in this process and in its workers.

using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Samovar;

List<Activity> spans = [];
List<MetricSnapshot> metrics = [];
using var tracing = Sdk.CreateTracerProviderBuilder()
    .AddSource(Kitchen.Name, SamovarTelemetry.ActivitySourceName)
    .AddInMemoryExporter(spans)
    .Build();
using var metering = Sdk.CreateMeterProviderBuilder()
    .AddMeter(SamovarTelemetry.MeterName)
    .AddInMemoryExporter(metrics)
    .Build();

await using var pool = new ProcessExecutor(new()
{
    Name = "kitchen",
    Workers = 1,
    Initializer = static () => WorkerTelemetry.Start(), // each worker exports its own spans
});

string trace;
using (var order = Kitchen.Source.StartActivity("order")!)
{
    trace = order.TraceId.ToHexString();
    Console.WriteLine(await pool.Submit(Kitchen.Brew));
    await Futures.WaitAsync([pool.Submit(Kitchen.Spill)]);
}

// The spans of one order, from both processes, as a tree.
Span[] all = [.. spans.Select(Span.Of), .. await pool.Submit(WorkerTelemetry.Exported)];
Span[] ofOrder = [.. all.Where(span => span.Trace == trace)];
Show(parent: null, depth: 0);

// Observable instruments report executors that run, so they are collected before the pool is shut down.
metering.ForceFlush();
foreach (var metric in metrics.Where(static metric => metric.Name is SamovarTelemetry.TaskDuration or SamovarTelemetry.WorkerCount))
{
    foreach (var point in metric.MetricPoints)
    {
        List<string> attributes = [];
        foreach (var (key, value) in point.Tags) attributes.Add($"{key}={value}");
        long count = metric.MetricType == MetricType.Histogram ? point.GetHistogramCount() : point.GetSumLong();
        Console.WriteLine($"{metric.Name} {count}: {string.Join(", ", attributes)}");
    }
}

if (ofOrder.Length != 6) throw new InvalidOperationException($"The trace has {ofOrder.Length} spans instead of 6.");

void Show(string? parent, int depth)
{
    foreach (var span in ofOrder.Where(span => span.Parent == parent || (parent is null && span.Name == "order")))
    {
        Console.WriteLine($"{new string(' ', 2 * depth)}{span.Name} ({span.Kind}, {(span.Process == Environment.ProcessId ? "here" : "in the worker")}) {span.Status}");
        Show(span.Id, depth + 1);
    }
}

/// <summary>What the program shows of a span. It travels between processes, which an <see cref="Activity"/> does not.</summary>
internal sealed record Span(string Trace, string Id, string? Parent, string Name, ActivityKind Kind, ActivityStatusCode Status, int Process)
{
    public static Span Of(Activity activity) => new(
        activity.TraceId.ToHexString(), activity.SpanId.ToHexString(), activity.ParentSpanId.ToHexString(), activity.DisplayName, activity.Kind,
        activity.Status, Environment.ProcessId);
}

internal static class Kitchen
{
    public const string Name = "Kitchen";

    public static ActivitySource Source { get; } = new(Name);

    public static string Brew()
    {
        using var boiling = Source.StartActivity("boil"); // a span of the work itself, in the worker
        return "tea is ready";
    }

    public static string Spill() => throw new InvalidOperationException("spilled");
}

/// <summary>The telemetry of a worker process.</summary>
internal static class WorkerTelemetry
{
    private static readonly List<Activity> s_spans = [];
    private static TracerProvider? s_tracing;

    public static void Start() => s_tracing = Sdk.CreateTracerProviderBuilder()
        .AddSource(Kitchen.Name, SamovarTelemetry.ActivitySourceName)
        .AddInMemoryExporter(s_spans)
        .Build();

    public static Span[] Exported()
    {
        s_tracing?.ForceFlush();
        return [.. s_spans.Select(Span.Of)];
    }
}
