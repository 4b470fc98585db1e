using System.Diagnostics.Metrics;

namespace Samovar.Benchmarks.Contestants;

/// <summary>Listens to everything that Samovar measures, and does as little as possible with it.</summary>
internal static class MetricListener
{
    private static double s_sum;

    public static MeterListener Start()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, self) =>
            {
                if (instrument.Meter.Name == SamovarTelemetry.MeterName) self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>(static (_, value, _, _) => s_sum = value);
        listener.SetMeasurementEventCallback<long>(static (_, value, _, _) => s_sum = value);
        listener.Start();
        return listener;
    }
}
