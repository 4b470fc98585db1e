using System.Diagnostics;

namespace Samovar.Diagnostics.Recording;

/// <summary>Where Samovar's activities come from.</summary>
internal static class Tracing
{
    /// <summary>What a task is called in a trace.</summary>
    public const string TaskActivity = "Samovar.Task";

    /// <summary>Named as the documentation says, for whoever listens.</summary>
    public static ActivitySource Source { get; } = new("Samovar", typeof(Tracing).Assembly.GetName().Version?.ToString(3));
}
