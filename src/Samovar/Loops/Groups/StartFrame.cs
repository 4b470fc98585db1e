using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;

namespace Samovar.Loops.Groups;

/// <summary>What a task stands in whose starter may give it up: a scope of its own until it is ready, its group's from then on.</summary>
internal sealed class StartFrame : AmbientFrame
{
    private readonly CancelScope _group;
    private CancelScope _scope;

    /// <param name="start">The scope of its own.</param>
    /// <param name="group">The group's.</param>
    /// <param name="task">The task.</param>
    public StartFrame(CancelScope start, CancelScope group, IInspected? task)
        : base(null, task)
    {
        StartScope = start;
        _group = group;
        _scope = start;
    }

    public override CancelScope? Scope => Volatile.Read(ref _scope); // SYNC: task ready

    /// <summary>The task's own scope. What began in it before the task was ready stays there, and is cancelled with the group.</summary>
    public CancelScope StartScope { get; }

    /// <summary>The task is ready: its starter cannot give it up any more.</summary>
    public void BecomeReady() => Volatile.Write(ref _scope, _group); // SYNC: task ready
}
