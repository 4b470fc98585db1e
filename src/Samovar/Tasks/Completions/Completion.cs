namespace Samovar.Tasks.Completions;

/// <summary>Somebody who is told that a future has ended. <see cref="Signal"/> is called once, on the thread that ended it: it
/// must be quick, must not throw, and must not run user code.</summary>
internal abstract class Completion
{
    public abstract void Signal(Future future);
}
