using System.Diagnostics;
using System.Runtime.CompilerServices;
using Samovar.Loops.Core;
using Samovar.Loops.Groups;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;

namespace Samovar;

/// <summary>A group of tasks that complete together: no task outlives the group's block, and the first failure cancels the remaining tasks.</summary>
/// <remarks>
/// <para>The tasks run where the group was opened: on the loop, in a captured <see cref="SynchronizationContext"/>, or on the thread pool. They
/// are queued and do not start inside the call of <see cref="Run(Func{Task}, string?, string, int)"/>.</para>
/// <para>The block throws a single error as it is; several errors, including the body's, as an <see cref="AggregateException"/> in the order in which
/// they occurred; without errors, an <see cref="OperationCanceledException"/> if it was cancelled from outside. An
/// <see cref="OperationCanceledException"/> without a cancellation request is an error like any other.</para>
/// <para>All members are thread-safe.</para>
/// </remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed partial class TaskGroup : IInspected, IWaitedFor
{
    private readonly TaskGroupOptions _options;
    private readonly GroupTask? _parent;
    private readonly TaskCompletionSource _empty;
    private readonly string _file;
    private readonly int _line;
    private readonly JoinPolicy? _policy;
    private GroupTask? _first;
    private GroupTask? _last;
    private Queue<GroupTask>? _waiting;
    private List<Exception>? _errors;
    private int _unfinished;
    private int _underWay;
    private bool _anyCanceled;
    private bool _isBodyOver;

    internal TaskGroup(TaskGroupOptions? options, JoinPolicy? policy, string file, int line)
    {
        _options = options ?? new TaskGroupOptions();
        _empty = new TaskCompletionSource(this, TaskCreationOptions.RunContinuationsAsynchronously); // its state lets the task tree find the group
        _policy = policy;
        _file = file;
        _line = line;
        var frame = AmbientFrame.Current;
        _parent = (GroupTask?)frame?.Task;
        Scope = new CancelScope(frame?.Scope, CancelScope.ClockHere);
        Loop = LoopCore.Current;
        if (Loop is null && SynchronizationContext.Current is { } context && context.GetType() != typeof(SynchronizationContext)) Context = context;
    }

    /// <summary>Gets the group's name in reports, or null if it has none.</summary>
    public string? Name => _options.Name;

    /// <summary>Gets the token that is cancelled when the group is cancelled: by a failure, from outside, or by <see cref="Cancel"/>. Inside the
    /// group's tasks, <see cref="CancelScope.CurrentToken"/> is the same token.</summary>
    public CancellationToken CancellationToken => Scope.Token;

    /// <summary>Gets the group's scope.</summary>
    public CancelScope Scope { get; }

    /// <summary>Gets the number of tasks that have not completed.</summary>
    public int Unfinished
    {
        get
        {
            lock (Gate) return _unfinished;
        }
    }

    internal Lock Gate { get; } = new();

    internal LoopCore? Loop { get; }

    /// <summary>Link in the <see cref="GroupList"/> that contains the group. Guarded by that list's lock.</summary>
    internal TaskGroup? NextRoot { get; set; }

    /// <inheritdoc cref="NextRoot"/>
    internal TaskGroup? PreviousRoot { get; set; }

    internal SynchronizationContext? Context { get; }

    internal bool IsCanceled => Scope.IsCancellationRequested;

    internal string Label => $"{(Name is null ? "group" : $"group '{Name}'")} ({Path.GetFileName(_file)}:{_line})";

    private string DebuggerText => $"TaskGroup {Label}: {_unfinished} unfinished{(_isBodyOver ? ", body over" : "")}";

    /// <summary>Cancels the running and the queued tasks. The block then completes without an error unless a task or the body failed.</summary>
    public void Cancel() => Scope.Cancel();

    /// <summary>Queues a task of the group.</summary>
    /// <param name="work">The work to run.</param>
    /// <param name="name">The task's name in reports; null for none.</param>
    /// <param name="sourceFile">The file that contains the call. Supplied by the compiler.</param>
    /// <param name="sourceLine">The line of the call. Supplied by the compiler.</param>
    /// <returns>The task.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The group has completed, or one of its tasks has failed. The work was not queued.</exception>
    /// <example>
    /// <code>
    /// string message = "";
    /// try
    /// {
    ///     await TaskGroup.RunAsync(group =>
    ///     {
    ///         group.Run(async () => await EventLoop.SleepAsync(TimeSpan.FromHours(1)));
    ///         group.Run(async () => await Task.FromException(new IOException("no water")));
    ///     });
    /// }
    /// catch (IOException error)
    /// {
    ///     message = error.Message; // no water; the first task was cancelled
    /// }
    /// </code>
    /// </example>
    public GroupTask Run(Func<Task> work, string? name = null, [CallerFilePath] string sourceFile = "", [CallerLineNumber] int sourceLine = 0) =>
        Add(GroupTask.Create(this, NotNull(work), name, sourceFile, sourceLine));

    /// <inheritdoc cref="Run(Func{Task}, string?, string, int)"/>
    public GroupTask Run(
        Func<CancellationToken, Task> work, string? name = null, [CallerFilePath] string sourceFile = "", [CallerLineNumber] int sourceLine = 0) =>
        Add(GroupTask.Create(this, NotNull(work), name, sourceFile, sourceLine));

    /// <inheritdoc cref="Run(Func{Task}, string?, string, int)"/>
    /// <typeparam name="T">The type of the result.</typeparam>
    public GroupTask<T> Run<T>(
        Func<Task<T>> work, string? name = null, [CallerFilePath] string sourceFile = "", [CallerLineNumber] int sourceLine = 0) =>
        Add(GroupTask<T>.Create(this, NotNull(work), name, sourceFile, sourceLine));

    /// <inheritdoc cref="Run{T}(Func{Task{T}}, string?, string, int)"/>
    public GroupTask<T> Run<T>(
        Func<CancellationToken, Task<T>> work, string? name = null, [CallerFilePath] string sourceFile = "", [CallerLineNumber] int sourceLine = 0) =>
        Add(GroupTask<T>.Create(this, NotNull(work), name, sourceFile, sourceLine));

    /// <summary>The unfinished tasks, oldest first.</summary>
    internal GroupTask[] Tasks
    {
        get
        {
            lock (Gate)
            {
                var tasks = new List<GroupTask>(_unfinished);
                for (var task = _first; task is not null; task = task.Next) tasks.Add(task);
                return [.. tasks];
            }
        }
    }

    string IInspected.Label => Label;

    TaskTreeNode IInspected.Show(TaskTree tree, int depth)
    {
        List<TaskTreeNode> children = [];
        string state = $"{Unfinished} unfinished{(IsCanceled ? ", cancelled" : "")}";
        tree.AddTasks(children, Tasks, depth);
        return new TaskTreeNode(Label, state, [], children);
    }

    string IWaitedFor.Describe() => $"the tasks of {Label}";

    /// <summary>Called when a task of the group has completed.</summary>
    internal void TaskEnded(GroupTask task, GroupTaskState state, Exception? error)
    {
        bool cancels = _policy is not null && state != GroupTaskState.Canceled && AskPolicy(task, ref state, ref error);
        if (state == GroupTaskState.Failed) FailWith(error!);
        else if (cancels) CancelTasks();
        GroupTask? next = null;
        bool isLast;
        lock (Gate)
        {
            Unlink(task);
            _anyCanceled |= state == GroupTaskState.Canceled;
            _underWay--;
            if (_waiting is not null && _waiting.TryDequeue(out next)) _underWay++;
            isLast = --_unfinished == 0 && _isBodyOver;
            CheckInvariantsLocked();
        }

        next?.Launch();
        if (isLast) _empty.TrySetResult();
    }

    /// <summary>Records an error, which the block throws, and cancels the tasks and the body.</summary>
    private void FailWith(Exception error)
    {
        lock (Gate) (_errors ??= []).Add(error);
        CancelTasks();
    }

    /// <summary>Cancels the group's scope. Errors of callbacks that are registered on its token are errors of the group. The caller is the body, or a
    /// task that still counts as unfinished, so the block completes only after these errors are recorded.</summary>
    private void CancelTasks()
    {
        try
        {
            Scope.Cancel();
        }
        catch (AggregateException fromCallbacks)
        {
            lock (Gate) (_errors ??= []).AddRange(fromCallbacks.InnerExceptions);
        }
    }

    /// <summary>Passes the outcome to the policy. Returns true if the remaining tasks are no longer needed.</summary>
    private bool AskPolicy(GroupTask task, ref GroupTaskState state, ref Exception? error)
    {
        try
        {
            bool isDecided = _policy!.TaskEnded(task, error);
            (state, error) = (GroupTaskState.Succeeded, null); // the policy handles the error
            return isDecided;
        }
        catch (Exception fromJoiner)
        {
            // An exception of the joiner fails the group, like an exception of the body.
            (state, error) = (GroupTaskState.Failed, fromJoiner);
            return true;
        }
    }

    private static Delegate NotNull(Delegate work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return work;
    }

    private TTask Add<TTask>(TTask task)
        where TTask : GroupTask
    {
        lock (Gate)
        {
            // Tasks that still run after the body has completed may start others.
            if (_isBodyOver && _unfinished == 0)
                throw new InvalidOperationException($"{Label} has completed and accepts no more tasks. Start tasks inside its block.");
            if (_errors is not null)
                throw new InvalidOperationException($"A task of {Label} has failed; the group accepts no more tasks.", _errors[0]);
            Link(task);
            if (_policy is not null) task.Place = _policy.TaskStarted();
            _unfinished++;
            if (_underWay >= _options.MaxConcurrency)
            {
                (_waiting ??= []).Enqueue(task);
                CheckInvariantsLocked();
                return task;
            }

            _underWay++;
            CheckInvariantsLocked();
        }

        task.Launch();
        return task;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_underWay >= 0 && _underWay <= _unfinished, "running tasks are unfinished");
        Debug.Assert(_unfinished == _underWay + (_waiting?.Count ?? 0), "an unfinished task is running or queued");
        Debug.Assert(_unfinished == 0 == _first is null && _first is null == _last is null, "the list contains the unfinished tasks");
        Debug.Assert(_first?.Previous is null && _last?.Next is null, "the first task has no predecessor and the last no successor");
        Debug.Assert(_underWay <= (_options.MaxConcurrency ?? int.MaxValue), "the concurrency limit is respected");
    }

    private void Link(GroupTask task)
    {
        task.Previous = _last;
        if (_last is null) _first = task;
        else _last.Next = task;
        _last = task;
    }

    private void Unlink(GroupTask task)
    {
        if (task.Previous is null) _first = task.Next;
        else task.Previous.Next = task.Next;
        if (task.Next is null) _last = task.Previous;
        else task.Next.Previous = task.Previous;
        task.Next = null;
        task.Previous = null;
    }
}
