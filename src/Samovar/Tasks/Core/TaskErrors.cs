namespace Samovar.Tasks.Core;

/// <summary>The error of a task of the framework.</summary>
internal static class TaskErrors
{
    /// <summary>The error with which a completed task has not succeeded, as an <c>await</c> throws it; all of them where there are several.</summary>
    public static Exception Of(Task work)
    {
        if (work.IsCanceled)
        {
            try
            {
                work.GetAwaiter().GetResult();
            }
            catch (OperationCanceledException canceled)
            {
                return canceled;
            }
        }

        var errors = work.Exception!.InnerExceptions;
        return errors.Count == 1 ? errors[0] : work.Exception;
    }
}
