namespace Samovar.Loops.Core;

/// <summary>An action that another thread queues to run on the loop's thread between two callbacks. It does not take a turn, so it changes neither
/// the order of the ready callbacks nor a seeded schedule.</summary>
internal abstract class LoopProbe
{
    /// <summary>The probe that was queued before this one.</summary>
    public LoopProbe? Before { get; set; }

    /// <summary>Runs the action on the loop's thread. Must not throw.</summary>
    public abstract void Run();
}
