using System.Diagnostics;
using System.Runtime.CompilerServices;
using Samovar.Loops.Core;
using Samovar.Loops.Groups;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;

namespace Samovar;

/// <summary>A block of tasks that end together: none outlives it, and the first failure cancels the rest.</summary>
/// <remarks>
/// <para>Tasks run where the block was begun: on the loop, in a captured <see cref="SynchronizationContext"/>, or on the thread pool. They
/// begin in their turn, not inside <see cref="Run(Func{Task}, string?, string, int)"/>.</para>
/// <para>What comes out of the block: one error as itself; several, the body's among them, as an <see cref="AggregateException"/> in the order
/// they came; without errors an <see cref="OperationCanceledException"/> if it was cancelled from outside. An
/// <see cref="OperationCanceledException"/> that nobody asked for is an error like any other.</para>
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
        _empty = new TaskCompletionSource(this, TaskCreationOptions.RunContinuationsAsynchronously); // the tree finds the group by it
        _policy = policy;
        _file = file;
        _line = line;
        var frame = AmbientFrame.Current;
        _parent = (GroupTask?)frame?.Task;
        Scope = new CancelScope(frame?.Scope, CancelScope.ClockHere);
        Loop = LoopCore.Current;
        if (Loop is null && SynchronizationContext.Current is { } context && context.GetType() != typeof(SynchronizationContext)) Context = context;
    }

    /// <summary>Its name in reports.</summary>
    public string? Name => _options.Name;

    /// <summary>Trips when the group is cancelled: by a failure, from outside, or by <see cref="Cancel"/>. Inside its tasks
    /// <see cref="CancelScope.CurrentToken"/> is the same.</summary>
    public CancellationToken CancellationToken => Scope.Token;

    /// <summary>The group's own scope.</summary>
    public CancelScope Scope { get; }

    /// <summary>How many of its tasks have not ended.</summary>
    public int Unfinished
    {
        get
        {
            lock (Gate) return _unfinished;
        }
    }

    internal Lock Gate { get; } = new();

    internal LoopCore? Loop { get; }

    /// <summary>Links of the <see cref="GroupList"/> it stands in; under that list's lock.</summary>
    internal TaskGroup? NextRoot { get; set; }

    /// <inheritdoc cref="NextRoot"/>
    internal TaskGroup? PreviousRoot { get; set; }

    internal SynchronizationContext? Context { get; }

    internal bool IsCanceled => Scope.IsCancellationRequested;

    internal string Label => $"{(Name is null ? "group" : $"group '{Name}'")} ({Path.GetFileName(_file)}:{_line})";

    private string DebuggerText => $"TaskGroup {Label}: {_unfinished} unfinished{(_isBodyOver ? ", body over" : "")}";

    /// <summary>Cancels what is under way and what waits. The block then ends without an error, if nothing failed.</summary>
    public void Cancel() => Scope.Cancel();

    /// <summary>Starts a task of the group in its turn.</summary>
    /// <param name="work">What to run.</param>
    /// <param name="name">Its name in reports.</param>
    /// <param name="sourceFile">Left to the compiler: where it was started.</param>
    /// <param name="sourceLine">Left to the compiler.</param>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The group has ended, or one of its tasks has failed. The work was not started.</exception>
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

    /// <summary>Its unfinished tasks, oldest first.</summary>
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

    /// <summary>A task of the group has ended.</summary>
    internal void TaskEnded(GroupTask task, GroupTaskState state, Exception? error)
    {
        bool cancels = _policy is not null && state != GroupTaskState.Canceled && AskPolicy(task, ref state, ref error);
        GroupTask? next = null;
        bool isLast;
        lock (Gate)
        {
            Unlink(task);
            _anyCanceled |= state == GroupTaskState.Canceled;
            if (state == GroupTaskState.Failed)
            {
                (_errors ??= []).Add(error!);
                cancels = true;
            }

            _underWay--;
            if (_waiting is not null && _waiting.TryDequeue(out next)) _underWay++;
            isLast = --_unfinished == 0 && _isBodyOver;
            CheckInvariantsLocked();
        }

        if (cancels) Scope.Cancel();
        next?.Launch();
        if (isLast) _empty.TrySetResult();
    }

    /// <summary>Lets the policy have the end. True: the others are no longer needed.</summary>
    private bool AskPolicy(GroupTask task, ref GroupTaskState state, ref Exception? error)
    {
        try
        {
            bool isDecided = _policy!.TaskEnded(task, error);
            (state, error) = (GroupTaskState.Succeeded, null); // the policy's to deal with
            return isDecided;
        }
        catch (Exception fromJoiner)
        {
            // A joiner that throws fails the group, as its body would.
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
            // The body may have ended while tasks still run: those may start others.
            if (_isBodyOver && _unfinished == 0)
                throw new InvalidOperationException($"{Label} has ended and takes no more tasks. Start them inside its block.");
            if (_errors is not null)
                throw new InvalidOperationException($"A task of {Label} has failed: no more are started.", _errors[0]);
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
        Debug.Assert(_underWay >= 0 && _underWay <= _unfinished, "what is under way has not ended");
        Debug.Assert(_unfinished == _underWay + (_waiting?.Count ?? 0), "what has not ended is under way or waits for its turn");
        Debug.Assert(_unfinished == 0 == _first is null && _first is null == _last is null, "the list holds what has not ended");
        Debug.Assert(_first?.Previous is null && _last?.Next is null, "nothing is before the first or after the last");
        Debug.Assert(_underWay <= (_options.MaxConcurrency ?? int.MaxValue), "no more are under way than may be");
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
