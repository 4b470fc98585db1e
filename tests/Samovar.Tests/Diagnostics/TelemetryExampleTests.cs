using System.Diagnostics.Metrics;

namespace Samovar.Tests.Diagnostics;

/// <summary>The example in the documentation of <see cref="SamovarTelemetry"/>, see <c>DocumentationExampleTests</c>.</summary>
public sealed class TelemetryExampleTests
{
    [ThreadFact]
    public async Task SamovarTelemetry_names_the_instruments_that_a_listener_wants()
    {
        int tasks = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, self) =>
            {
                if (instrument.Meter.Name == SamovarTelemetry.MeterName && instrument.Name == SamovarTelemetry.TaskDuration) self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref tasks));
        listener.Start();

        await using var executor = new InlineExecutor();
        await executor.Submit(static () => { });

        Volatile.Read(ref tasks).ShouldBeGreaterThanOrEqualTo(1);
    }
}
