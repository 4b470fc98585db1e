using System.Diagnostics;

namespace Samovar.Tasks.Running;

/// <summary>Keeps one asynchronous task on one thread: its continuations are posted here and run by the worker that started
/// it, which so stays with its task until the end.</summary>
/// <remarks>
/// <list type="number">
/// <item>Posted callbacks run on the owning thread, in order, while <see cref="RunUntil"/> runs.</item>
/// <item>What is posted after <see cref="Close"/> belongs to work nobody awaits any more; it goes to the thread pool.</item>
/// <item>No user code runs under the lock.</item>
/// </list>
/// </remarks>
internal sealed class TaskPump(Future task) : SynchronizationContext
{
    private readonly object _gate = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private Queue<(SendOrPostCallback Callback, object? State)>? _posted;
    private bool _isDone;
    private bool _isClosed;
    private bool _isNudged;

    /// <summary>The task whose continuations run here.</summary>
    public Future Task => task;

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                (_posted ??= new()).Enqueue((d, state));
                CheckInvariantsLocked();
                Monitor.Pulse(_gate);
                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(
            static item => item.Self.Call(item.Callback, item.State), (Self: this, Callback: d, State: state), preferLocal: false);
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId == _thread)
        {
            d(state);
            return;
        }

        var call = new SentCall(d, state);
        Post(SentCall.Callback, call);
        call.Join();
    }

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs what is posted until <paramref name="work"/> has ended or its attempt has been given up. Its error is left
    /// in it.</summary>
    /// <param name="work">What to wait for.</param>
    /// <param name="attempt">The attempt it belongs to.</param>
    /// <param name="idle">Called on this thread when nothing is posted; it must return when <see cref="WaitForWork"/> does.</param>
    public void RunUntil(Task work, int attempt, Action<TaskPump>? idle)
    {
        if (!work.IsCompleted)
        {
            var awaiter = work.ConfigureAwait(false).GetAwaiter();
            awaiter.UnsafeOnCompleted(WorkDone);
        }
        else
        {
            WorkDone();
        }

        int left = int.MaxValue; // callbacks still to be run once the work is done: those posted by then
        while (true)
        {
            (SendOrPostCallback Callback, object? State) item;
            bool hasItem;
            lock (_gate)
            {
                hasItem = _posted is { Count: > 0 };
                if (_isDone) left = Math.Min(left, _posted?.Count ?? 0);
                if (left == 0 || !task.IsRunning(attempt)) return;
                item = hasItem ? _posted!.Dequeue() : default;
            }

            if (hasItem)
            {
                left -= left == int.MaxValue ? 0 : 1;
                Call(item.Callback, item.State);
            }
            else if (idle is not null)
            {
                idle(this);
            }
            else
            {
                WaitForWork();
            }
        }
    }

    /// <summary>Blocks until something is posted, the work is done, or somebody nudges.</summary>
    public void WaitForWork()
    {
        lock (_gate)
        {
            while (!_isDone && !_isNudged && _posted is not { Count: > 0 }) Monitor.Wait(_gate);
            _isNudged = false;
        }
    }

    /// <summary>Lets a <see cref="WaitForWork"/> return, so that its caller looks again at what it waits for.</summary>
    public void Nudge()
    {
        lock (_gate)
        {
            _isNudged = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Hands what is left, and what is still to come, to the thread pool.</summary>
    public void Close()
    {
        Queue<(SendOrPostCallback Callback, object? State)>? left;
        lock (_gate)
        {
            _isClosed = true;
            left = _posted;
            _posted = null;
            CheckInvariantsLocked();
        }

        while (left is { Count: > 0 })
        {
            var (callback, state) = left.Dequeue();
            Post(callback, state);
        }
    }

    private void WorkDone()
    {
        lock (_gate)
        {
            _isDone = true;
            Monitor.Pulse(_gate);
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(!_isClosed || _posted is null, "nothing waits here after the end");
    }

    private void Call(SendOrPostCallback callback, object? state)
    {
        try
        {
            callback(state);
        }
        catch (Exception error)
        {
            // Continuations of awaited work keep their errors in their tasks; what throws here is async void.
            task.Core.Report(FailureSource.DetachedWork, task.Id, task.Name, error);
        }
    }
}
