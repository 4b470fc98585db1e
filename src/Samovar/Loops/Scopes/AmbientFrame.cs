using Samovar.Loops.Inspection;

namespace Samovar.Loops.Scopes;

/// <summary>What the code at hand stands in: the nearest scope and the nearest task of a group. Flows with the execution context, so it
/// is there also where code has left the loop.</summary>
internal class AmbientFrame(CancelScope? scope, IInspected? task)
{
    private static readonly AsyncLocal<AmbientFrame?> s_current = new();

    public static AmbientFrame? Current
    {
        get => s_current.Value;
        set => s_current.Value = value;
    }

    private int _refused;

    /// <summary>The scope whose cancellation and deadline hold here.</summary>
    public virtual CancelScope? Scope => scope;

    /// <summary>The task of a group that this code belongs to.</summary>
    public IInspected? Task => task;

    /// <summary>Counts one more wait that its cancelled scope has refused. From any thread.</summary>
    public int CountRefusal() => Interlocked.Increment(ref _refused);
}
