using System.Diagnostics;

namespace Samovar.Loops.Inspection;

/// <summary>Reads the outcome of a completed task.</summary>
internal static class EndedTask
{
    /// <summary>Returns the exception of a cancelled task. The framework exposes it only by throwing it, which costs some microseconds.</summary>
    public static OperationCanceledException CancellationOf(Task canceled)
    {
        Debug.Assert(canceled.IsCanceled, "the task is cancelled");
        try
        {
            canceled.GetAwaiter().GetResult();
            throw new UnreachableException("The task was cancelled.");
        }
        catch (OperationCanceledException error)
        {
            return error;
        }
    }
}
