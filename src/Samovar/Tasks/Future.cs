using System.Diagnostics;
using Samovar.Primitives;
using Samovar.Tasks.Completions;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Represents a submitted task: its state, its worker and its outcome. A future can be awaited, waited for, and
/// cancelled.</summary>
/// <remarks>All members are thread-safe. A future references its work and arguments until it has completed, and not after that.</remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public abstract partial class Future
{
    // Rules for the fields, by state (see FutureWord for the transitions):
    // 1. The submitting thread writes the work, context, options, number and time before it publishes the future to the executor's queue.
    // 2. Only the thread that wins FutureWord.TryStart or TryStartSent writes the worker and the start time.
    // 3. The thread that claims the outcome writes the result or failure and the end time, drops the work and context, finishes the word, and
    //    then takes the completion list, in this order. After that only failure bookkeeping changes.
    // A backlog of a million futures is a million of these objects for the collector to copy, so fields that are never needed together share a place.

    private readonly ExecutorCore _core;
    private readonly TaskOptions _options;
    private readonly long _submittedAt;
    private QueueMark _queueMark; // structs are laid out in this order: this one and the word share eight bytes
    private FutureWord _word = FutureWord.Queued;
    private ContextOrWorker _contextOrWorker;
    private TaskControls? _controls;
    private TaskAttachment _attachment;
    private CompletionSlot _completions;
    private long _startedAt;
    private long _finishedAt;

    private protected Future(ExecutorCore core, TaskOptions? options, long id, ExecutionContext? context = null, int attempt = 1, DelegateKind kind = default)
    {
        _core = core;
        _options = options ?? TaskOptions.Default;
        Id = id;
        _submittedAt = core.Time.GetTimestamp();
        _contextOrWorker = new ContextOrWorker(context ?? ExecutionContext.Capture());
        Kind = kind;
        if (attempt != 1) _word = FutureWord.QueuedAt(attempt);
    }

    /// <summary>Gets the task's number within its executor, counted from 1 in the order of submission.</summary>
    public long Id { get; }

    /// <summary>Gets the name from <see cref="TaskOptions.Name"/>; null if none was set.</summary>
    public string? Name => _options.Name;

    /// <summary>Gets the current state of the task.</summary>
    public FutureState State => NoteStart() is var state && state == FutureState.Sent ? Sender.StateOfSent : state;

    /// <summary>Gets whether the task has completed, with any outcome.</summary>
    public bool IsCompleted => _word.IsFinal;

    /// <summary>Gets the number of the current or last attempt, counted from 1. Before the start of an attempt, the one that is queued.</summary>
    public int Attempt => _word.Attempt;

    /// <summary>Gets the worker that runs the task or ran it last; null before the first start.</summary>
    public WorkerIdentity? Worker
    {
        get
        {
            NoteStart();
            return _contextOrWorker.Worker;
        }
    }

    /// <summary>Gets the time when the task was submitted, by the executor's clock.</summary>
    public DateTimeOffset SubmittedAt => _core.ToWallClock(_submittedAt);

    /// <summary>Gets the time when the latest attempt started; null before the first start.</summary>
    public DateTimeOffset? StartedAt => Worker is null ? null : _core.ToWallClock(Volatile.Read(ref _startedAt));

    /// <summary>Gets the time when the task completed; null before that.</summary>
    public DateTimeOffset? FinishedAt => IsCompleted ? _core.ToWallClock(_finishedAt) : null;

    /// <summary>Gets how long the latest attempt has been running, or ran; zero before the first start.</summary>
    public TimeSpan RunTime
    {
        get
        {
            if (Worker is null) return TimeSpan.Zero;
            long until = IsCompleted ? _finishedAt : _core.Time.GetTimestamp();
            return _core.Time.GetElapsedTime(Volatile.Read(ref _startedAt), until);
        }
    }

    /// <summary>Gets the last progress that the work reported; null if it reported none.</summary>
    public TaskProgress? Progress => Volatile.Read(ref _controls)?.LastProgress;

    /// <summary>Gets what the last completed attempt wrote to stdout and stderr, as one string in the order in which it was received: the
    /// last 65,536 characters, after a line with the number of dropped characters. Available only on a <see cref="ProcessExecutor"/> with
    /// <see cref="WorkerOutput.Capture"/>, and complete when the task has completed, even after a crash; otherwise, and before completion,
    /// null.</summary>
    /// <remarks>The string contains everything that the worker process wrote while it ran this task, including the output of native code
    /// and of threads and processes that an earlier task left running. Lines are never split; a line of stdout and a line of stderr that
    /// were written at the same time may be swapped. Items of a map share batches and have no output of their own. There is no output if
    /// the workers are threads of this process (<see cref="ProcessExecutorOptions.InProcess"/>). On platforms other than Linux, only
    /// <see cref="Console"/> is captured, and output before a crash is lost.</remarks>
    public string? Output => Volatile.Read(ref _controls) is { } controls ? Volatile.Read(ref controls.Output) : null;

    /// <summary>Gets the error with which the task completed: its own, a <see cref="TaskTimeoutException"/>, or an
    /// <see cref="OperationCanceledException"/> if it was cancelled. Null before completion and after success. Does not block.</summary>
    public Exception? Exception => IsCompleted ? Failure?.SourceException : null;

    /// <summary>The state as this process knows it: a task that was sent may already be running without having reported it.</summary>
    internal FutureState SentState => _word.State;

    internal ExecutorCore Core => _core;

    internal TaskOptions Options => _options;

    /// <summary>Whether the task is in the executor's queue. The executor's own: it decides how the mark is guarded.</summary>
    internal ref QueueMark QueueMark => ref _queueMark;

    /// <summary>The timestamp of the submission, by the executor's clock.</summary>
    internal long SubmittedTimestamp => _submittedAt;

    /// <summary>The timestamp of the latest attempt's start, by the executor's clock; 0 before the first start.</summary>
    internal long StartedTimestamp => Volatile.Read(ref _startedAt);

    /// <summary>The timestamp of the completion, by the executor's clock; 0 before that.</summary>
    internal long FinishedTimestamp => Volatile.Read(ref _finishedAt);

    /// <summary>Whether the outcome is claimed: the task has completed, or a thread is completing it.</summary>
    internal bool IsDecided => _word.IsDecided;

    /// <summary>Whether the running work was requested to stop, by cancellation or timeout.</summary>
    internal bool IsStopRequested => _word.IsCancelRequested || _word.IsTimeoutRequested;

    /// <summary>Whether cancellation of the running work was requested.</summary>
    internal bool IsCancelRequested => _word.IsCancelRequested;

    /// <summary>Whether the running attempt has timed out.</summary>
    internal bool IsTimeoutRequested => _word.IsTimeoutRequested;

    /// <summary>The context in which the next attempt runs. Valid until it has started; null if the flow is suppressed.</summary>
    internal ExecutionContext? Context => _contextOrWorker.Context ?? Volatile.Read(ref _controls)?.Context;

    /// <summary>The kind of the submitted delegate.</summary>
    private protected DelegateKind Kind { get; }

    /// <summary>The activity that the task continues in its worker. Read on the thread that submits the task.</summary>
    internal virtual Activity? SubmittedUnder => Context is null ? null : Activity.Current; // null if the flow is suppressed

    /// <summary>The cultures that the task runs under; null if the flow is suppressed. Read on the thread that submits the task.</summary>
    internal virtual CulturePair? SubmittedCultures => Context is null ? null : CulturePair.Current;

    /// <summary>The state that the executor keeps for this task; null if it keeps no state, and after completion.</summary>
    internal ExecutorTaskState? TaskState => _attachment.State;

    /// <summary>If code of a virtual-time loop submits this task, notifies that loop of it until it has completed. Called before it is queued.</summary>
    internal void TrackExternal() => TrackExternal(ExternalWorkTracker.CurrentFor(_core));

    /// <summary>Like <see cref="TrackExternal()"/>, for a task that other code submits on behalf of the tracker's code.</summary>
    internal void TrackExternal(ExternalWorkTracker? tracker)
    {
        if (tracker is null) return;
        tracker.BeginExternal();
        EnsureControls().Tracker = tracker;
    }

    /// <summary>Reverts <see cref="TrackExternal()"/>: the task was not accepted.</summary>
    internal void UntrackExternal() => Volatile.Read(ref _controls)?.Tracker?.EndExternal();

    /// <inheritdoc cref="TaskAttachment.Attach"/>
    internal void Attach(ExecutorTaskState item) => _attachment.Attach(item);

    /// <summary>The submitted delegate, for its name; null if it is not known any more.</summary>
    internal abstract Delegate? MeteredWork { get; }

    /// <summary>The parts that most tasks never need; null while it has none of them.</summary>
    internal TaskControls? Controls => Volatile.Read(ref _controls);

    /// <summary>Whether a remote worker reports the start of the task at once.</summary>
    internal virtual bool ReportsStart => _options.Timeout is not null;

    /// <summary>Whether the delegate returns a task, so that the work may continue after its synchronous part.</summary>
    internal virtual bool IsAsynchronous => false;

    /// <summary>A remote worker does not report the start of a task, so each query of the state checks for it. Returns the state.</summary>
    private FutureState NoteStart()
    {
        if (_word.State == FutureState.Sent) Sender.NoteStart(this);
        return _word.State;
    }

    /// <summary>The executor of a task in the state <see cref="FutureState.Sent"/>.</summary>
    private RemoteExecutorCore Sender =>
        _core.Remote ?? throw new InvalidOperationException($"Task {Id} is in the state Sent, but its executor '{_core.Name}' sends no tasks.");

    private string DebuggerText => Describe(_word.State); // does not query the executor: a debugger must not wait for its lock

    /// <inheritdoc/>
    public override string ToString() => $"{Describe(State)} ({_core.Name})";

    private string Describe(FutureState state) => $"Future {Id}{(Name is null ? "" : $" '{Name}'")}: {state}, attempt {Attempt}";
}
