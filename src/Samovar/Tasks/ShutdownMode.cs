namespace Samovar;

/// <summary>Specifies what happens to incomplete tasks when an executor is shut down.</summary>
public enum ShutdownMode
{
    /// <summary>All submitted tasks run to completion.</summary>
    Drain,

    /// <summary>Queued tasks are cancelled; running tasks run to completion.</summary>
    CancelQueued,

    /// <summary>Queued tasks are cancelled; the tokens of running tasks are cancelled, and after the grace period they are
    /// killed (worker processes) or abandoned (threads).</summary>
    Kill,
}
