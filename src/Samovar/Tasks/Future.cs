using System.Diagnostics;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>One submitted task: its state, who runs it, and the end that will come. Await it, wait for it, or cancel it.</summary>
/// <remarks>
/// <para>All members are thread-safe. A future holds its work and arguments until it has ended, and nothing of them after.</para>
/// <para>Rules for the fields, by state (see <see cref="FutureWord"/> for the moves):</para>
/// <list type="number">
/// <item>Submitting writes work, context, options, number and time before the future is published to the executor's queue.</item>
/// <item>Whoever wins <see cref="FutureWord.TryStart"/> or <see cref="FutureWord.TryStartSent"/> writes worker and start time; nobody else does.</item>
/// <item>Whoever claims the outcome writes result or failure and the end time, drops work and context, finishes the word and
/// then takes the completion list, in this order. After that only failure bookkeeping changes.</item>
/// </list>
/// </remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public abstract partial class Future
{
    private readonly ExecutorCore _core;
    private readonly TaskOptions _options;
    private readonly long _submittedAt;
    private FutureWord _word = FutureWord.Queued;
    private ExecutionContext? _context;
    private TaskControls? _controls;
    private TaskStateSlot _taskState;
    private WorkerIdentity? _worker;
    private FailureSlot _failure;
    private long _startedAt;
    private long _finishedAt;

    private protected Future(ExecutorCore core, TaskOptions? options, long id, ExecutionContext? context = null, int attempt = 1)
    {
        _core = core;
        _options = options ?? TaskOptions.Default;
        Id = id;
        _submittedAt = core.Time.GetTimestamp();
        _context = context ?? ExecutionContext.Capture();
        if (attempt != 1) _word = FutureWord.QueuedAt(attempt);
    }

    /// <summary>The task's number within its executor, from 1, in the order of submission.</summary>
    public long Id { get; }

    /// <summary>The name given in <see cref="TaskOptions.Name"/>.</summary>
    public string? Name => _options.Name;

    /// <summary>Where the task stands now.</summary>
    public FutureState State
    {
        get
        {
            NoteStart();
            return _word.State;
        }
    }

    /// <summary>Whether the task has ended, in whatever way.</summary>
    public bool IsCompleted => _word.IsFinal;

    /// <summary>The attempt that waits, runs or was the last, from 1.</summary>
    public int Attempt => _word.Attempt;

    /// <summary>Who runs the task or ran it last; null before its first start.</summary>
    public WorkerIdentity? Worker
    {
        get
        {
            NoteStart();
            return Volatile.Read(ref _worker);
        }
    }

    /// <summary>When the task was submitted, by the executor's clock.</summary>
    public DateTimeOffset SubmittedAt => _core.ToWallClock(_submittedAt);

    /// <summary>When its latest attempt started; null before the first.</summary>
    public DateTimeOffset? StartedAt => Worker is null ? null : _core.ToWallClock(Volatile.Read(ref _startedAt));

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? FinishedAt => IsCompleted ? _core.ToWallClock(_finishedAt) : null;

    /// <summary>How long its latest attempt has run, or ran; zero before the first.</summary>
    public TimeSpan RunTime
    {
        get
        {
            if (Worker is null) return TimeSpan.Zero;
            long until = IsCompleted ? _finishedAt : _core.Time.GetTimestamp();
            return _core.Time.GetElapsedTime(Volatile.Read(ref _startedAt), until);
        }
    }

    /// <summary>What the work reported last; null when it reported nothing.</summary>
    public TaskProgress? Progress => Volatile.Read(ref _controls)?.LastProgress;

    /// <summary>What the latest attempt to end wrote to stdout and stderr, as one text, in the order in which it came from there; the last
    /// 65,536 characters, after a line that says how many were dropped. Only a <see cref="ProcessExecutor"/> with
    /// <see cref="WorkerOutput.Capture"/> brings it, and it is complete when the task has ended, also by a crash; null otherwise, and
    /// before.</summary>
    /// <remarks>It is what the worker wrote while it had this task: native code's output too, and that of threads and processes which an
    /// earlier task has left running. Lines stay whole; one of stdout and one of stderr that were written at the same time may change
    /// places. Items of a map share batches, and have no output each. With workers as threads of this process
    /// (<see cref="ProcessExecutorOptions.InProcess"/>) there is none. Off Linux only <see cref="Console"/> is captured, and nothing of
    /// what was written before a crash.</remarks>
    public string? Output => Volatile.Read(ref _controls) is { } controls ? Volatile.Read(ref controls.Output) : null;

    /// <summary>The error the task ended with: its own, <see cref="TaskTimeoutException"/>, or an
    /// <see cref="OperationCanceledException"/> when it was cancelled. Null before the end and after success. Does not wait.</summary>
    public Exception? Exception => IsCompleted ? Failure?.SourceException : null;

    /// <summary>The state as this process has it: what was sent may run elsewhere without having been said to.</summary>
    internal FutureState SentState => _word.State;

    internal ExecutorCore Core => _core;

    internal TaskOptions Options => _options;

    /// <summary>The links of the executor's waiting list; they belong to the executor while the task is queued.</summary>
    internal Future? Next { get; set; }

    /// <inheritdoc cref="Next"/>
    internal Future? Previous { get; set; }

    /// <summary>Whether the executor has this task in its waiting list; under the executor's lock.</summary>
    internal bool IsLinked { get; set; }

    /// <summary>When it was submitted, by the executor's clock.</summary>
    internal long SubmittedTimestamp => _submittedAt;

    /// <summary>When its latest attempt started, by the executor's clock; 0 before the first.</summary>
    internal long StartedTimestamp => Volatile.Read(ref _startedAt);

    /// <summary>When it ended, by the executor's clock; 0 before.</summary>
    internal long FinishedTimestamp => Volatile.Read(ref _finishedAt);

    /// <summary>Whether running work was asked to give up.</summary>
    internal bool IsStopRequested => _word.IsCancelRequested || _word.IsTimeoutRequested;

    /// <summary>Whether running work was asked to give up because it was cancelled.</summary>
    internal bool IsCancelRequested => _word.IsCancelRequested;

    /// <summary>Whether the running attempt's time is over.</summary>
    internal bool IsTimeoutRequested => _word.IsTimeoutRequested;

    internal ExecutionContext? Context => _context;

    /// <summary>The activity that the task continues where it runs; asked for on the thread that submits it.</summary>
    internal virtual Activity? SubmittedUnder => _context is null ? null : Activity.Current; // none where the flow is suppressed

    /// <summary>The cultures that the task runs under; asked for on the thread that submits it. Null where none flow.</summary>
    internal virtual CulturePair? SubmittedCultures => _context is null ? null : CulturePair.Current;

    /// <summary>What the executor keeps for this task; null where it keeps nothing, and after the end.</summary>
    internal ExecutorTaskState? TaskState => _taskState.Item;

    /// <summary>Where code that belongs to a loop in virtual time has submitted this, lets it know until the end. Before it is queued.</summary>
    internal void TrackExternal() => TrackExternal(ExternalWorkTracker.CurrentFor(_core));

    /// <summary>As <see cref="TrackExternal()"/>, for a task that other code submits, on behalf of the tracker's.</summary>
    internal void TrackExternal(ExternalWorkTracker? tracker)
    {
        if (tracker is null) return;
        tracker.BeginExternal();
        EnsureControls().Tracker = tracker;
    }

    /// <summary>It never came to be.</summary>
    internal void UntrackExternal() => Volatile.Read(ref _controls)?.Tracker?.EndExternal();

    /// <inheritdoc cref="TaskStateSlot.Attach"/>
    internal void Attach(ExecutorTaskState item) => _taskState.Attach(item);

    /// <summary>Whether the work returns a task of its own, so that it may go on after its synchronous part.</summary>
    internal virtual bool IsAsynchronous => false;

    /// <summary>A worker elsewhere does not say when it begins; who asks about the task looks.</summary>
    private void NoteStart()
    {
        if (_word.State == FutureState.Sent) Sender.NoteStart(this);
    }

    /// <summary>The executor of a task that is in <see cref="FutureState.Sent"/>.</summary>
    private RemoteExecutorCore Sender =>
        _core.Remote ?? throw new InvalidOperationException($"{_core.Name} sends nothing, and task {Id} is said to be sent.");

    private string DebuggerText => Describe(_word.State); // no look into the executor: a debugger must not wait for its lock

    /// <inheritdoc/>
    public override string ToString() => $"{Describe(State)} ({_core.Name})";

    private string Describe(FutureState state) => $"Future {Id}{(Name is null ? "" : $" '{Name}'")}: {state}, attempt {Attempt}";
}
