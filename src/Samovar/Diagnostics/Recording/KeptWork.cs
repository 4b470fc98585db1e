namespace Samovar.Diagnostics.Recording;

/// <summary>The work of a task that failed, kept so that a watcher can have it run again.</summary>
/// <param name="bytes">The size of its data, in bytes, as far as that is known.</param>
internal abstract class KeptWork(long bytes)
{
    /// <summary>The task. Set by <see cref="WorkKeeper"/>.</summary>
    public long Task { get; set; }

    public long Bytes { get; private set; } = bytes;

    /// <summary>Corrects the size, before the work is kept.</summary>
    public void AtLeast(long known) => Bytes = Math.Max(Bytes, known);
}
