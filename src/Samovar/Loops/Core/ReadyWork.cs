namespace Samovar.Loops.Core;

/// <summary>Internal work of the loop that is its own ready callback, without a delegate.</summary>
internal abstract class ReadyWork
{
    public abstract void Run();
}
