using Samovar.Loops.Core;

namespace Samovar.Loops.Inspection;

/// <summary>The owner of a loop as the task tree shows it: with the work that the loop runs.</summary>
internal abstract class InspectedLoopOwner : LoopOwner
{
    protected InspectedLoopOwner(LoopCoreOptions options) => Core = new LoopCore(this, options);

    public LoopCore Core { get; }

    /// <summary>The main work; null before it begins, and where there is none.</summary>
    public abstract Task? Main { get; }

    /// <summary>Whose method it is.</summary>
    public abstract string MainLabel { get; }

    /// <summary>The groups that are in no other, oldest first. From any thread.</summary>
    public abstract IReadOnlyList<IInspected> Roots { get; }

    /// <summary>What was submitted and has not ended, with what it waits for. From any thread.</summary>
    public abstract List<(Future Task, Task? Work)> SubmittedWork();
}
