namespace Samovar;

/// <summary>Specifies the origin of an error that could not be delivered to any caller.</summary>
public enum FailureSource
{
    /// <summary>A task failed and its future was garbage-collected before its error was observed.</summary>
    Future,

    /// <summary>A callback passed to <see cref="Samovar.Future.OnCompleted(Action{Samovar.Future})"/> threw.</summary>
    CompletionCallback,

    /// <summary>A callback registered on the task's cancellation token threw.</summary>
    CancellationCallback,

    /// <summary>The progress handler in <see cref="TaskOptions.Progress"/> threw.</summary>
    ProgressHandler,

    /// <summary>Work that a task started and did not await (<c>async void</c>), or a callback posted to an event loop, threw.</summary>
    DetachedWork,

    /// <summary>The source of a map threw after the enumeration was left, or had stopped because of an item's error.</summary>
    MapSource,

    /// <summary>The executor itself failed, because of a defect in Samovar.</summary>
    Executor,

    /// <summary>A task was still incomplete when the main work of an event loop completed.</summary>
    Orphaned,

    /// <summary>Code blocks the only thread of an event loop.</summary>
    BlockedLoop,

    /// <summary>A timer of the system clock is used on a virtual-time event loop.</summary>
    SystemTimer,

    /// <summary>Code of an event loop repeatedly catches the cancellation of its scope and waits again, although each such wait is
    /// cancelled at once.</summary>
    IgnoredCancellation,

    /// <summary><see cref="ProcessExecutorOptions.OutputReceived"/> threw, or the output of a worker could not be written to this process's
    /// own stdout or stderr.</summary>
    OutputHandler,

    /// <summary>A listener of <see cref="SamovarTelemetry"/>'s instruments or activities threw.</summary>
    MeterListener,

    /// <summary>An object that a worker disposed when it exited threw: that of an actor, or of a <see cref="WorkerState{T}"/>.</summary>
    WorkerExit,
}
