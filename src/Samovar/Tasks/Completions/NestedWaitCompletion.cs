namespace Samovar.Tasks.Completions;

/// <summary>Decrements the number of tasks of its own executor that <paramref name="outer"/> waits for.</summary>
internal sealed class NestedWaitCompletion(Future outer) : Completion
{
    public override void Signal(Future future) => outer.EndNestedWait();
}
