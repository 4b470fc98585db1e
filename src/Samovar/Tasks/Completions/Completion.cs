namespace Samovar.Tasks.Completions;

/// <summary>An object that is notified when a future has completed. <see cref="Signal"/> is called once, on the thread that completed the
/// future: it must be quick, must not throw, and must not run user code.</summary>
internal abstract class Completion
{
    public abstract void Signal(Future future);
}
