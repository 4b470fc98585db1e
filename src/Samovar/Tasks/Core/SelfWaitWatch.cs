namespace Samovar.Tasks.Core;

/// <summary>Inspects what the calling code awaits. Implemented by an event loop, on its own thread.</summary>
internal abstract class SelfWaitWatch
{
    [ThreadStatic]
    private static SelfWaitWatch? t_current;

    /// <summary>The watch of the loop whose callback this thread runs; null on all other threads.</summary>
    public static SelfWaitWatch? Current => t_current;

    /// <summary>Sets the current watch of this thread; null for none.</summary>
    /// <returns>The previous watch.</returns>
    public static SelfWaitWatch? Enter(SelfWaitWatch? watch)
    {
        var outer = t_current;
        t_current = watch;
        return outer;
    }

    /// <summary>Inspects a wait as soon as the calling code has suspended in an <c>await</c>.</summary>
    /// <param name="wait">The wait.</param>
    /// <param name="own">The token of the wait itself: a wait that can be cancelled is not inspected.</param>
    public abstract void Look(SelfWait wait, CancellationToken own);
}
