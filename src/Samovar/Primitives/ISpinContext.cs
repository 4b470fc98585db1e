namespace Samovar.Primitives;

/// <summary>A synchronization context in whose callbacks a wait may spin for a moment before it gives the thread back.</summary>
internal interface ISpinContext
{
    /// <summary>Whether a spin on this thread delays no other callback of the context. Called on the context's thread.</summary>
    bool MaySpin { get; }
}
