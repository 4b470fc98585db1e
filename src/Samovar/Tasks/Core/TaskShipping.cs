using Samovar.Primitives;

namespace Samovar.Tasks.Core;

/// <summary>What it took to serialize the work of a task. Measured only while a watcher is connected. Immutable.</summary>
/// <param name="Time">How long it took.</param>
/// <param name="Bytes">The size of the serialized work.</param>
/// <param name="Largest">The largest captured value of work that is large, with its size; null if it is not known.</param>
internal sealed record TaskShipping(TimeSpan Time, long Bytes, string? Largest)
{
    /// <summary>From this size on, in bytes, the largest captured value is determined.</summary>
    private const long Large = 1 << 20;

    public static TaskShipping Of(Delegate work, TimeSpan time, long bytes) => new(time, bytes, bytes > Large ? CapturedData.LargestOf(work) : null);
}
