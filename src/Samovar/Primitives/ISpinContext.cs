namespace Samovar.Primitives;

/// <summary>A synchronization context in whose callbacks a wait may spin for a moment before it gives the thread back.</summary>
internal interface ISpinContext
{
    /// <summary>Whether a spin on this thread delays no other callback of the context. False after some milliseconds in one callback: code whose
    /// waits all complete during their spin would otherwise keep timers and other callbacks from running.</summary>
    bool MaySpin { get; }
}
