namespace Samovar;

/// <summary>Where an error came from that no caller could be handed.</summary>
public enum FailureSource
{
    /// <summary>A task failed and its future was collected before anybody looked at the error.</summary>
    Future,

    /// <summary>A callback given to <see cref="Samovar.Future.OnCompleted(Action{Samovar.Future})"/> threw.</summary>
    CompletionCallback,

    /// <summary>A callback registered on the task's cancellation token threw.</summary>
    CancellationCallback,

    /// <summary>A progress handler given in <see cref="TaskOptions.Progress"/> threw.</summary>
    ProgressHandler,

    /// <summary>Work that a task started and did not await (<c>async void</c>), or a callback posted to an event loop, threw.</summary>
    DetachedWork,

    /// <summary>The source of a map threw, and its loop had been left, or ended with the error of an item.</summary>
    MapSource,

    /// <summary>The executor itself failed: a fault of Samovar's.</summary>
    Executor,

    /// <summary>A task was left over when the main work of an event loop ended.</summary>
    Orphaned,

    /// <summary>Code blocks the one thread of an event loop.</summary>
    BlockedLoop,

    /// <summary>A timer of the system's clock is used on an event loop whose time is virtual.</summary>
    SystemTimer,

    /// <summary>Code of an event loop catches the cancellation of its scope and waits again, each time in vain.</summary>
    IgnoredCancellation,

    /// <summary><see cref="ProcessExecutorOptions.OutputReceived"/> threw, or what a worker wrote could not be written to this process's own stdout
    /// or stderr.</summary>
    OutputHandler,
}
