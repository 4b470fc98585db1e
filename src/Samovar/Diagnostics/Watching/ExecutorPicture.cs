using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Metering;
using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Watching;

/// <summary>An executor in a <see cref="Picture"/>.</summary>
/// <param name="Number">Its number within the process.</param>
/// <param name="Type">Its type: thread, process, loop, inline, cluster.</param>
/// <param name="Statistics">Its counters.</param>
/// <param name="Figures">Its tasks and workers by state.</param>
/// <param name="Activity">Its workers and running tasks.</param>
/// <param name="Recording">What was recorded.</param>
internal sealed record ExecutorPicture(
    int Number, string Type, ExecutorStatistics Statistics, ExecutorFigures Figures, ExecutorActivity Activity, RecorderSnapshot Recording)
{
    /// <summary>Its maps: those that run, then those that ended in the last seconds.</summary>
    public IReadOnlyList<MapActivity> Maps { get; init; } = [];
}
