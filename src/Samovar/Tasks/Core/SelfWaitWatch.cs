namespace Samovar.Tasks.Core;

/// <summary>Who sees what the code at hand awaits: an event loop, on its own thread.</summary>
internal abstract class SelfWaitWatch
{
    [ThreadStatic]
    private static SelfWaitWatch? t_current;

    /// <summary>The one of the loop whose callback this thread runs; null on all other threads.</summary>
    public static SelfWaitWatch? Current => t_current;

    /// <summary>Makes another the current one of this thread, or none.</summary>
    /// <returns>The one that was.</returns>
    public static SelfWaitWatch? Enter(SelfWaitWatch? watch)
    {
        var outer = t_current;
        t_current = watch;
        return outer;
    }

    /// <summary>Looks at a wait as soon as the code at hand has come to await something.</summary>
    /// <param name="wait">The wait.</param>
    /// <param name="own">Its own token: who may cancel the wait needs no help.</param>
    public abstract void Look(SelfWait wait, CancellationToken own);
}
