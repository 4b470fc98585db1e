namespace Samovar.Tasks.Core;

/// <summary>The error of a framework task.</summary>
internal static class TaskErrors
{
    /// <summary>Returns the error of a completed task that did not succeed, as an <c>await</c> would throw it; if there are several, all of
    /// them.</summary>
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
