using System.Diagnostics;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;

namespace Samovar;

/// <summary>One task of a <see cref="TaskGroup"/>: its name, where it was started, and its end.</summary>
/// <remarks>All members are thread-safe. The group awaits it and throws its error, so nobody else need: that is why it is no awaitable itself.
/// Who wants to wait for this one takes <see cref="AsTask"/>, which throws the error too.</remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public class GroupTask : IInspected, IWaitedFor
{
    private static readonly ContextCallback s_invoke = static task => ((GroupTask)task!).Invoke();
    private static readonly Action<object?> s_begin = static task => ((GroupTask)task!).Begin();

    private readonly TaskGroup _group;
    private readonly string _file;
    private readonly int _line;
    private Delegate? _work;
    private ExecutionContext? _context;
    private Task? _running;
    private object? _end; // a TaskCompletionSource<object?> once somebody waits; then the error, if there is one
    private List<TaskGroup>? _groups;
    private int _state;

    private protected GroupTask(TaskGroup group, Delegate work, string? name, string file, int line)
    {
        _group = group;
        _work = work;
        Name = name;
        _file = file;
        _line = line;
        _context = ExecutionContext.Capture();
    }

    /// <summary>The name it was given.</summary>
    public string? Name { get; }

    /// <summary>Where it was started: file and line.</summary>
    public string Origin => $"{_file}:{_line}";

    /// <summary>Where it stands.</summary>
    public GroupTaskState State => (GroupTaskState)Volatile.Read(ref _state);

    /// <summary>Whether it has ended, in whatever way.</summary>
    public bool IsCompleted => State >= GroupTaskState.Succeeded;

    /// <summary>The error it ended with; an <see cref="OperationCanceledException"/> when it was cancelled. Null before, and after success.</summary>
    public Exception? Exception => IsCompleted ? Volatile.Read(ref _end) as Exception : null;

    /// <summary>Links of the group's list of unfinished tasks; under the group's lock.</summary>
    internal GroupTask? Next { get; set; }

    /// <inheritdoc cref="Next"/>
    internal GroupTask? Previous { get; set; }

    /// <summary>Its place among the tasks of a group with a joiner, counted from 0.</summary>
    internal int Place { get; set; }

    /// <summary>The task of the work itself, while it runs: what the tree follows.</summary>
    internal Task? Running => Volatile.Read(ref _running);

    internal TaskGroup Group => _group;

    /// <summary>How it stands in reports.</summary>
    internal string Label => Name is null ? Path.GetFileName(_file) + ":" + _line : $"'{Name}' ({Path.GetFileName(_file)}:{_line})";

    private string DebuggerText => $"GroupTask {Label}: {State}";

    /// <summary>A <see cref="Task"/> that ends as this one does.</summary>
    public Task AsTask() => TaskOfEnd();

    /// <inheritdoc/>
    public override string ToString() => DebuggerText;

    internal static GroupTask Create(TaskGroup group, Delegate work, string? name, string file, int line) => new(group, work, name, file, line);

    /// <summary>Its turn has come: makes it ready where the group's tasks run.</summary>
    internal void Launch()
    {
        if (_group.Loop is { } loop) loop.PostOrForward(s_begin, this);
        else if (_group.Context is { } context) context.Post(static task => ((GroupTask)task!).Begin(), this);
        else ThreadPool.UnsafeQueueUserWorkItem(s_begin, this, preferLocal: false);
    }

    /// <summary>A group inside this task.</summary>
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

    string IWaitedFor.Describe() => $"task {Label}";

    private protected virtual Task? Start(Delegate work) =>
        work is Func<Task> plain ? plain() : ((Func<CancellationToken, Task>)work)(_group.CancellationToken);

    private protected virtual void Keep(Task completed)
    {
    }

    private Lock Gate => _group.Gate;

    private void Begin()
    {
        if (_group.IsCanceled) End(GroupTaskState.Canceled, new OperationCanceledException("The group was cancelled before the task began.", _group.CancellationToken));
        else if (_context is null) Invoke();
        else ExecutionContext.Run(_context, s_invoke, this);
    }

    private void Invoke()
    {
        AmbientFrame.Current = new AmbientFrame(_group.Scope, this);
        Volatile.Write(ref _state, (int)GroupTaskState.Running);
        Task running;
        try
        {
            running = Start(_work!) ?? throw new InvalidOperationException("The work returned null where a task was expected.");
        }
        catch (Exception error)
        {
            // The group is told, and through it whoever runs it.
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

    /// <summary>On a loop in a turn of its own: what combines tasks would go on from here on the thread pool otherwise, and leave the loop's order.</summary>
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
            _ = source.Task.Exception; // the group throws it: nobody need look here
        }
    }

    private static Exception ErrorOf(Task completed)
    {
        if (completed.Exception is not { } errors) return EndedTask.CancellationOf(completed);
        return errors.InnerExceptions.Count == 1 ? errors.InnerExceptions[0] : errors;
    }
}
