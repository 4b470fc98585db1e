using System.Diagnostics;

namespace Samovar.Diagnostics.Recording;

/// <summary>The source of Samovar's activities.</summary>
internal static class Tracing
{
    /// <summary>The name of the activity under which a worker continues a trace that no one listens to there.</summary>
    public const string TaskActivity = "Samovar.Task";

    /// <summary>The activity source.</summary>
    public static ActivitySource Source { get; } = new(SamovarTelemetry.ActivitySourceName, typeof(Tracing).Assembly.GetName().Version?.ToString(3));
}
