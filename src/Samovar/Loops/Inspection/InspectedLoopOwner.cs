using Samovar.Loops.Core;

namespace Samovar.Loops.Inspection;

/// <summary>A loop's owner as the task tree sees it: it has the work that the loop runs.</summary>
internal abstract class InspectedLoopOwner : LoopOwner
{
    protected InspectedLoopOwner(LoopCoreOptions options) => Core = new LoopCore(this, options);

    public LoopCore Core { get; }

    /// <summary>The main work; null before it starts, and for a loop without main work.</summary>
    public abstract Task? Main { get; }

    /// <summary>The name of the main work's method.</summary>
    public abstract string MainLabel { get; }

    /// <summary>The groups without an enclosing group, oldest first. From any thread.</summary>
    public abstract IReadOnlyList<IInspected> Roots { get; }

    /// <summary>Returns the submitted tasks that have started and not completed, each with the task that its work returned. From any
    /// thread.</summary>
    public abstract List<(Future Task, Task? Work)> SubmittedWork();
}
