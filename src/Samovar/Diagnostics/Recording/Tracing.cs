using System.Diagnostics;

namespace Samovar.Diagnostics.Recording;

/// <summary>The source of Samovar's activities.</summary>
internal static class Tracing
{
    /// <summary>The name of a task's activity.</summary>
    public const string TaskActivity = "Samovar.Task";

    /// <summary>The activity source. Its name is documented, because listeners subscribe by it.</summary>
    public static ActivitySource Source { get; } = new("Samovar", typeof(Tracing).Assembly.GetName().Version?.ToString(3));
}
