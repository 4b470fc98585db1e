using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;

namespace Samovar.Loops.Groups;

/// <summary>The ambient frame of a task whose starter may still abandon it: the task's own scope until it is ready, the group's scope from then
/// on.</summary>
internal sealed class StartFrame : AmbientFrame
{
    private readonly CancelScope _group;
    private CancelScope _scope;

    /// <param name="start">The task's own scope.</param>
    /// <param name="group">The group's scope.</param>
    /// <param name="task">The task.</param>
    public StartFrame(CancelScope start, CancelScope group, IInspected? task)
        : base(null, task)
    {
        StartScope = start;
        _group = group;
        _scope = start;
    }

    public override CancelScope? Scope => Volatile.Read(ref _scope); // SYNC: task ready

    /// <summary>The task's own scope. Scopes and waits that began in it before the task was ready stay in it, and are cancelled with the
    /// group.</summary>
    public CancelScope StartScope { get; }

    /// <summary>Switches to the group's scope: the task is ready, and its starter can no longer abandon it.</summary>
    public void BecomeReady() => Volatile.Write(ref _scope, _group); // SYNC: task ready
}
