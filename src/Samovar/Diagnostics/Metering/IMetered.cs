namespace Samovar.Diagnostics.Metering;

/// <summary>An executor from the point of view of the instruments that read its figures.</summary>
internal interface IMetered
{
    /// <summary>The meter of the executor; null if it is not measured.</summary>
    TaskMeter? Meter { get; }

    /// <summary>Reads the figures. May be called on any thread.</summary>
    ExecutorFigures ReadFigures();
}
