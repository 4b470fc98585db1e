namespace Samovar.Loops.Core;

/// <summary>Work of the loop's own making that is its own ready callback.</summary>
internal abstract class ReadyWork
{
    public abstract void Run();
}
