using System.Diagnostics;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;

namespace Samovar;

/// <summary>A task of a <see cref="TaskGroup"/>: its name, where it was started, and its outcome.</summary>
/// <remarks>All members are thread-safe. The group waits for the task and throws its error, so no other code has to; therefore a task without a
/// result is not awaitable. To wait for this task alone, use <see cref="AsTask"/>, which throws the error too.</remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public class GroupTask : IInspected, IWaitedFor, IAmbientFrame
{
    private static readonly ContextCallback s_invoke = static task => ((GroupTask)task!).Invoke();
    private static readonly Action<object?> s_begin = static task => ((GroupTask)task!).Begin();

    private readonly TaskGroup _group;
    private readonly string _file;
    private readonly int _line;
    private Delegate? _work;
    private ExecutionContext? _context;
    private Task? _running;
    private object? _end; // a TaskCompletionSource<object?> once a caller waits; after completion the error, or null
    private List<TaskGroup>? _groups;
    private int _state;
    private int _refused;

    private protected GroupTask(TaskGroup group, Delegate work, string? name, string file, int line)
    {
        _group = group;
        _work = work;
        Name = name;
        _file = file;
        _line = line;
        _context = ExecutionContext.Capture();
    }

    /// <summary>Gets the task's name, or null if it has none.</summary>
    public string? Name { get; }

    /// <summary>Gets where the task was started, as file and line.</summary>
    public string Origin => $"{_file}:{_line}";

    /// <summary>Gets the task's state.</summary>
    public GroupTaskState State => (GroupTaskState)Volatile.Read(ref _state);

    /// <summary>Gets whether the task has completed: succeeded, failed or been cancelled.</summary>
    public bool IsCompleted => State >= GroupTaskState.Succeeded;

    /// <summary>Gets the error that the task completed with; an <see cref="OperationCanceledException"/> if it was cancelled. Null before its
    /// completion and after success.</summary>
    public Exception? Exception => IsCompleted ? Volatile.Read(ref _end) as Exception : null;

    /// <summary>Link in the group's list of unfinished tasks. Guarded by the group's lock.</summary>
    internal GroupTask? Next { get; set; }

    /// <inheritdoc cref="Next"/>
    internal GroupTask? Previous { get; set; }

    /// <summary>The task's index among the tasks of a group with a joiner, from 0.</summary>
    internal int Place { get; set; }

    /// <summary>The task that the work returned, while it runs; the task tree follows it.</summary>
    internal Task? Running => Volatile.Read(ref _running);

    internal TaskGroup Group => _group;

    /// <summary>The task's description in reports.</summary>
    internal string Label => Name is null ? Path.GetFileName(_file) + ":" + _line : $"'{Name}' ({Path.GetFileName(_file)}:{_line})";

    private string DebuggerText => $"GroupTask {Label}: {State}";

    /// <summary>Returns a <see cref="Task"/> that completes as this task does.</summary>
    /// <returns>A task that succeeds, fails or is cancelled together with this one.</returns>
    public Task AsTask() => TaskOfEnd();

    /// <inheritdoc/>
    public override string ToString() => DebuggerText;

    internal static GroupTask Create(TaskGroup group, Delegate work, string? name, string file, int line) => new(group, work, name, file, line);

    /// <summary>Queues the start of the task where the group's tasks run.</summary>
    internal void Launch()
    {
        if (_group.Loop is { } loop) loop.PostOrForward(s_begin, this);
        else if (_group.Context is not { } context || !TryPost(context)) ThreadPool.UnsafeQueueUserWorkItem(s_begin, this, preferLocal: false);
    }

    private bool TryPost(SynchronizationContext context)
    {
        try
        {
            context.Post(static task => ((GroupTask)task!).Begin(), this);
            return true;
        }
        catch (Exception)
        {
            // A context that has shut down accepts no more posts. The group must not hang, so the task runs on the thread pool.
            return false;
        }
    }

    /// <summary>Adds a group that was opened inside this task.</summary>
    internal void Add(TaskGroup group)
    {
        lock (this.Gate) (_groups ??= []).Add(group);
    }

    internal void Remove(TaskGroup group)
    {
        lock (this.Gate) _groups?.Remove(group);
    }

    internal TaskGroup[] Groups
    {
        get
        {
            lock (this.Gate) return _groups is null ? [] : [.. _groups];
        }
    }

    string IInspected.Label => Label;

    TaskTreeNode IInspected.Show(TaskTree tree, int depth)
    {
        List<TaskTreeNode> children = [];
        tree.AddNodes(children, Groups, depth + 1);
        string state = State switch
        {
            GroupTaskState.Waiting => "waits for its turn",
            var other => other.ToString().ToLowerInvariant(),
        };
        return new TaskTreeNode($"task {Label}", state, Running is { } running ? TaskTree.Awaits(running) : [], children);
    }

    CancelScope? IAmbientFrame.Scope => _group.Scope;

    IInspected IAmbientFrame.Task => this;

    int IAmbientFrame.CountRefusal() => Interlocked.Increment(ref _refused);

    string IWaitedFor.Describe() => $"task {Label}";

    private protected virtual Task? Start(Delegate work) =>
        work is Func<Task> plain ? plain() : ((Func<CancellationToken, Task>)work)(_group.CancellationToken);

    private protected virtual void Keep(Task completed)
    {
    }

    private Lock Gate => _group.Gate;

    private void Begin()
    {
        if (_group.IsCanceled)
            End(GroupTaskState.Canceled, new OperationCanceledException("The group was cancelled before the task started.", _group.CancellationToken));
        else if (_context is null) Invoke();
        else ExecutionContext.Run(_context, s_invoke, this);
    }

    private void Invoke()
    {
        AmbientFrame.Current = this;
        Volatile.Write(ref _state, (int)GroupTaskState.Running);
        Task running;
        try
        {
            running = Start(_work!) ?? throw new InvalidOperationException("The work returned null where a task was expected.");
        }
        catch (Exception error)
        {
            // Passed to the group, which throws it to the caller that runs the group.
            EndWith(error);
            return;
        }

        Volatile.Write(ref _running, running);
        if (running.IsCompleted) Ended();
        else running.GetAwaiter().UnsafeOnCompleted(Ended);
    }

    private void Ended()
    {
        var running = _running!;
        if (running.IsCompletedSuccessfully)
        {
            Keep(running);
            End(GroupTaskState.Succeeded, null);
            return;
        }

        EndWith(ErrorOf(running));
    }

    private void EndWith(Exception error) =>
        End(error is OperationCanceledException && _group.IsCanceled ? GroupTaskState.Canceled : GroupTaskState.Failed, error);

    private void End(GroupTaskState state, Exception? error)
    {
        _work = null;
        _context = null;
        Volatile.Write(ref _running, null);
        TaskCompletionSource<object?>? awaited;
        lock (Gate)
        {
            awaited = _end as TaskCompletionSource<object?>;
            _end = error;
            Volatile.Write(ref _state, (int)state);
        }

        if (awaited is not null) SettleInOrder(awaited, state, error);
        _group.TaskEnded(this, state, error);
    }

    private Task<object?> TaskOfEnd()
    {
        TaskCompletionSource<object?> source;
        lock (Gate)
        {
            if (!IsCompleted)
            {
                source = (TaskCompletionSource<object?>?)_end
                    ?? (TaskCompletionSource<object?>)(_end = new TaskCompletionSource<object?>(this, _group.Loop is null ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None));
                return source.Task;
            }
        }

        if (State == GroupTaskState.Succeeded) return Task.FromResult<object?>(null);
        source = new TaskCompletionSource<object?>(this);
        Settle(source, State, Exception);
        return source.Task;
    }

    /// <summary>Completes <paramref name="source"/>; on a loop, in a separate callback. Otherwise task combinators would resume on the thread pool,
    /// outside the loop's order.</summary>
    private void SettleInOrder(TaskCompletionSource<object?> source, GroupTaskState state, Exception? error)
    {
        if (_group.Loop is { } loop) loop.PostOrForward(new Action(() => Settle(source, state, error)), null);
        else Settle(source, state, error);
    }

    private static void Settle(TaskCompletionSource<object?> source, GroupTaskState state, Exception? error)
    {
        if (state == GroupTaskState.Succeeded)
        {
            source.SetResult(null);
        }
        else if (state == GroupTaskState.Canceled)
        {
            source.SetCanceled(((OperationCanceledException)error!).CancellationToken);
        }
        else
        {
            source.SetException(error!);
            _ = source.Task.Exception; // marks it as observed: the group throws the error
        }
    }

    private static Exception ErrorOf(Task completed)
    {
        if (completed.Exception is not { } errors) return EndedTask.CancellationOf(completed);
        return errors.InnerExceptions.Count == 1 ? errors.InnerExceptions[0] : errors;
    }
}
