using System.Diagnostics;
using Samovar.Loops.Groups;
using Samovar.Loops.Scopes;

namespace Samovar;

/// <summary>With it a task of a group says that it is ready, and brings what its starter waits for: see <see cref="TaskGroup.StartAsync{T}"/>.</summary>
/// <typeparam name="T">The type of what it brings.</typeparam>
public sealed class StartSignal<T>
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<T> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StartFrame? _frame; // what the task stands in; null before it begins, and where it cannot be given up
    private CancellationToken _givenUpBy;
    private bool _isGivenUp;

    internal StartSignal()
    {
    }

    internal Task<T> Task => _ready.Task;

    /// <summary>Says that the task is ready, so that its starter goes on.</summary>
    /// <remarks>Where the starter's scope has been cancelled meanwhile it is too late: the task is cancelled with it.</remarks>
    /// <param name="value">What the starter gets.</param>
    /// <exception cref="InvalidOperationException">It was said before.</exception>
    public void Ready(T value)
    {
        lock (_gate)
        {
            if (_isGivenUp) return;
            if (_ready.TrySetResult(value)) // its continuations run elsewhere
            {
                _frame?.BecomeReady();
                CheckInvariantsLocked();
                return;
            }
        }

        throw new InvalidOperationException("The task has said before that it is ready.");
    }

    /// <summary>The starter's scope was cancelled: so is the task, unless it is ready.</summary>
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

        if (frame is null) _ready.TrySetCanceled(by); // it has not begun, and does not any more
        else frame.StartScope.GiveUp();
    }

    /// <summary>Runs the work; what ends it before it was ready is its starter's to hear.</summary>
    /// <param name="work">What to run.</param>
    /// <param name="giveUpIn">The group's scope where <see cref="GiveUp"/> may be called, else null. The work then has a scope of its own in that one until it is ready.</param>
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
            else _ready.TrySetException(new InvalidOperationException("The task has ended without having said that it is ready."));
        }
        catch (Exception error) when (_ready.TrySetException(error))
        {
            // Thrown where the task was started.
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
        Debug.Assert(!_isGivenUp || !_ready.Task.IsCompletedSuccessfully, "a task that is given up does not become ready");
    }

    /// <summary>The task's turn has come: makes its scope that of the code at hand.</summary>
    private bool IsWantedIn(CancelScope scope, CancelScope group)
    {
        var frame = new StartFrame(scope, group, AmbientFrame.Current?.Task);
        AmbientFrame.Current = frame; // undone with the block
        lock (_gate)
        {
            _frame = frame;
            return !_isGivenUp;
        }
    }
}
