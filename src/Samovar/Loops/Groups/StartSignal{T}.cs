using System.Diagnostics;
using Samovar.Loops.Groups;
using Samovar.Loops.Scopes;

namespace Samovar;

/// <summary>Lets a task of a group report that it is ready and pass a value to its starter: see <see cref="TaskGroup.StartAsync{T}"/>.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public sealed class StartSignal<T>
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<T> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StartFrame? _frame; // the task's frame; null before the task starts, and if its starter cannot abandon it
    private CancellationToken _givenUpBy;
    private bool _isGivenUp;

    internal StartSignal()
    {
    }

    internal Task<T> Task => _ready.Task;

    /// <summary>Reports that the task is ready, so that its starter continues.</summary>
    /// <remarks>If the starter's scope was cancelled first, the call has no effect: the task is cancelled together with that scope.</remarks>
    /// <param name="value">The value passed to the starter.</param>
    /// <exception cref="InvalidOperationException">The task has already reported that it is ready.</exception>
    public void Ready(T value)
    {
        lock (_gate)
        {
            if (_isGivenUp) return;
            if (_ready.TrySetResult(value)) // its continuations do not run inline
            {
                _frame?.BecomeReady();
                CheckInvariantsLocked();
                return;
            }
        }

        throw new InvalidOperationException("The task has already reported that it is ready. Call Ready once.");
    }

    /// <summary>Called when the starter's scope is cancelled. Cancels the task unless it is ready.</summary>
    internal void GiveUp(CancellationToken by)
    {
        StartFrame? frame;
        lock (_gate)
        {
            if (_ready.Task.IsCompleted || _isGivenUp) return;
            _isGivenUp = true;
            _givenUpBy = by;
            frame = _frame;
            CheckInvariantsLocked();
        }

        if (frame is null) _ready.TrySetCanceled(by); // the task has not started and will not
        else frame.StartScope.GiveUp();
    }

    /// <summary>Runs the work. An error before it was ready is passed to its starter.</summary>
    /// <param name="work">The work to run.</param>
    /// <param name="giveUpIn">The group's scope if <see cref="GiveUp"/> may be called; otherwise null. With a scope, the work has its own scope
    /// inside it until it is ready.</param>
    internal async Task RunAsync(Func<StartSignal<T>, Task> work, CancelScope? giveUpIn)
    {
        try
        {
            if (giveUpIn is null)
            {
                await work(this).ConfigureAwait(true);
            }
            else
            {
                await CancelScope.RunStartAsync(
                    giveUpIn, scope => IsWantedIn(scope, giveUpIn) ? work(this) : System.Threading.Tasks.Task.CompletedTask).ConfigureAwait(true);
            }

            if (WasGivenUp) _ready.TrySetCanceled(_givenUpBy);
            else _ready.TrySetException(new InvalidOperationException("The task completed without calling Ready on its start signal."));
        }
        catch (Exception error) when (_ready.TrySetException(error))
        {
            // Thrown to the caller that started the task.
        }
    }

    private bool WasGivenUp
    {
        get
        {
            lock (_gate) return _isGivenUp;
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(!_isGivenUp || !_ready.Task.IsCompletedSuccessfully, "an abandoned task does not become ready");
    }

    /// <summary>Called when the task starts: makes its own scope the ambient one. Returns false if the task was abandoned.</summary>
    private bool IsWantedIn(CancelScope scope, CancelScope group)
    {
        var frame = new StartFrame(scope, group, AmbientFrame.Current?.Task);
        AmbientFrame.Current = frame; // restored when the block completes
        lock (_gate)
        {
            _frame = frame;
            return !_isGivenUp;
        }
    }
}
