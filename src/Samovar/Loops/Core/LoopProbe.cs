namespace Samovar.Loops.Core;

/// <summary>Something that another thread wants done on the loop's, between two callbacks and in none's place: it is no turn, so it changes neither the
/// order of what is ready nor a seeded schedule.</summary>
internal abstract class LoopProbe
{
    /// <summary>The one that was asked for before it.</summary>
    public LoopProbe? Before { get; set; }

    /// <summary>On the loop's thread. Throws nothing.</summary>
    public abstract void Run();
}
