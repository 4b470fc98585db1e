namespace Samovar.Primitives;

/// <summary>A synchronization context in whose callbacks a wait may spin for a moment before it gives the thread back.</summary>
internal interface ISpinContext
{
    /// <summary>Whether a spin on this thread delays no other callback of the context. False after some milliseconds in one callback: code whose
    /// waits all complete during their spin would otherwise never let timers and other callbacks come through.</summary>
    bool MaySpin { get; }
}
