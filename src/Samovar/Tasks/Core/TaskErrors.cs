using Samovar.Primitives;

namespace Samovar.Tasks.Core;

/// <summary>The errors of tasks.</summary>
internal static class TaskErrors
{
    /// <summary>Returns the error of a completed framework task that did not succeed, as an <c>await</c> would throw it; if there are several, all of
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

    /// <summary>Creates the error of a task that was cancelled.</summary>
    public static OperationCanceledException Canceled(Future task)
    {
        var submitted = task.Options.CancellationToken;
        var token = submitted.IsCancellationRequested ? submitted : new CancellationToken(canceled: true);
        return new OperationCanceledException($"{TaskNames.AtStart(task.Id, task.Name)} was cancelled{(task.Controls?.CancelReason is { } reason ? $", because {reason}" : "")}.", token);
    }
}
