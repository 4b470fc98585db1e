using Samovar.Loops.Inspection;

namespace Samovar.Loops.Scopes;

/// <summary>The ambient state of the running code: the nearest scope and the nearest task of a group. Flows with the execution context, so it is also
/// available to code that has left the loop.</summary>
internal class AmbientFrame(CancelScope? scope, IInspected? task)
{
    private static readonly AsyncLocal<AmbientFrame?> s_current = new();

    public static AmbientFrame? Current
    {
        get => s_current.Value;
        set => s_current.Value = value;
    }

    private int _refused;

    /// <summary>The nearest scope, whose cancellation and deadline apply to the code.</summary>
    public virtual CancelScope? Scope => scope;

    /// <summary>The task of a group that the code belongs to; null outside any group.</summary>
    public IInspected? Task => task;

    /// <summary>Counts a wait that was refused because the scope is cancelled. From any thread.</summary>
    public int CountRefusal() => Interlocked.Increment(ref _refused);
}
