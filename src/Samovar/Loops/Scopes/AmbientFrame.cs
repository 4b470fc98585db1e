using Samovar.Loops.Inspection;

namespace Samovar.Loops.Scopes;

/// <summary>The ambient state of the running code: the nearest scope and the nearest task of a group. Flows with the execution context, so it is also
/// available to code that has left the loop.</summary>
internal class AmbientFrame(CancelScope? scope, IInspected? task) : IAmbientFrame
{
    private static readonly AsyncLocal<IAmbientFrame?> s_current = new();

    public static IAmbientFrame? Current
    {
        get => s_current.Value;
        set => s_current.Value = value;
    }

    private int _refused;

    /// <inheritdoc/>
    public virtual CancelScope? Scope => scope;

    /// <inheritdoc/>
    public IInspected? Task => task;

    /// <inheritdoc/>
    public int CountRefusal() => Interlocked.Increment(ref _refused);
}
