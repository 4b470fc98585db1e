using System.Diagnostics;

namespace Samovar.Loops.Inspection;

/// <summary>Reads what a task ended with.</summary>
internal static class EndedTask
{
    /// <summary>The exception of a cancelled task. The framework gives it out by throwing it only, which costs some microseconds.</summary>
    public static OperationCanceledException CancellationOf(Task canceled)
    {
        Debug.Assert(canceled.IsCanceled, "only a cancelled task has one");
        try
        {
            canceled.GetAwaiter().GetResult();
            throw new UnreachableException("It was cancelled.");
        }
        catch (OperationCanceledException error)
        {
            return error;
        }
    }
}
