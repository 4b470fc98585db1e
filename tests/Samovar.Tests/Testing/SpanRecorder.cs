using System.Collections.Concurrent;
using System.Diagnostics;

namespace Samovar.Tests.Testing;

/// <summary>Records the activities of the library that belong to one trace.</summary>
internal sealed class SpanRecorder : IDisposable
{
    private readonly ActivityListener _listener;

    public SpanRecorder(Activity request)
    {
        var trace = request.TraceId;
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == SamovarTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = Stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public ConcurrentQueue<Activity> Stopped { get; } = new();

    public void Dispose() => _listener.Dispose();
}
