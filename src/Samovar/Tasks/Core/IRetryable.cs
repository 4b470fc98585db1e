namespace Samovar.Tasks.Core;

/// <summary>A task whose work can run again as another task.</summary>
internal interface IRetryable
{
    /// <summary>Returns the work for a further task; null if it is not known any more. Called by the thread that has claimed the outcome, before the task
    /// drops the work.</summary>
    RetryableWork? KeepWork();
}
