using System.Diagnostics;
using Samovar.Primitives;

namespace Samovar.Tasks.Running;

/// <summary>Keeps an asynchronous task on one thread: its continuations are posted here and run by the worker that started it, which stays
/// with its task until completion.</summary>
/// <remarks>
/// <list type="number">
/// <item>Posted callbacks run on the owning thread, in order, during <see cref="RunUntil"/>.</item>
/// <item>Callbacks posted after <see cref="Close"/> belong to work that is no longer awaited; they go to the thread pool.</item>
/// <item>No user code runs under the lock.</item>
/// </list>
/// </remarks>
internal sealed class TaskPump(Future task) : SynchronizationContext, ISpinContext
{
    private readonly object _gate = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private Queue<(SendOrPostCallback Callback, object? State)>? _posted;
    private bool _isDone;
    private bool _isClosed;
    private bool _isNudged;
    private long _tick = CoarseClock.Tick; // the owning thread: when the running callback began

    /// <summary>The task whose continuations run here.</summary>
    public Future Task => task;

    /// <summary>Whether the running callback may spin: no other is posted, and it has begun in this tick of the coarse clock. A callback that is posted
    /// at this moment waits for the spin.</summary>
    public bool MaySpin => Environment.CurrentManagedThreadId == _thread && Volatile.Read(ref _posted) is not { Count: > 0 } && CoarseClock.Tick == _tick;

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

    /// <summary>Runs posted callbacks until <paramref name="work"/> has completed or its attempt has been abandoned. The error stays in
    /// <paramref name="work"/>.</summary>
    /// <param name="work">The task to wait for.</param>
    /// <param name="attempt">The attempt it belongs to.</param>
    /// <param name="idle">Called on this thread when no callback is posted; it must return when <see cref="WaitForWork"/> does.</param>
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

        int left = int.MaxValue; // callbacks still to run once the work is done: those posted by then
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

    /// <summary>Blocks until a callback is posted, the work is done, or <see cref="Nudge"/> is called.</summary>
    public void WaitForWork()
    {
        lock (_gate)
        {
            while (!_isDone && !_isNudged && _posted is not { Count: > 0 }) Monitor.Wait(_gate);
            _isNudged = false;
        }
    }

    /// <summary>Makes one <see cref="WaitForWork"/> return, so that its caller checks again what it waits for.</summary>
    public void Nudge()
    {
        lock (_gate)
        {
            _isNudged = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Passes the remaining callbacks, and all later ones, to the thread pool.</summary>
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
        Debug.Assert(!_isClosed || _posted is null, "a closed pump holds no callbacks");
    }

    private void Call(SendOrPostCallback callback, object? state)
    {
        if (Environment.CurrentManagedThreadId == _thread) _tick = CoarseClock.Tick;
        try
        {
            callback(state);
        }
        catch (Exception error)
        {
            // Continuations of awaited work store their errors in their tasks; what throws here is async void.
            task.Core.Report(FailureSource.DetachedWork, task.Id, task.Name, error);
        }
    }
}
