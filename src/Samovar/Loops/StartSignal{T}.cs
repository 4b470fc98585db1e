namespace Samovar;

/// <summary>With it a task of a group says that it is ready, and brings what its starter waits for: see <see cref="TaskGroup.StartAsync{T}"/>.</summary>
/// <typeparam name="T">The type of what it brings.</typeparam>
public sealed class StartSignal<T>
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<T> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancelScope? _scope; // the task's own, until it is ready; null before it begins
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
            if (_ready.TrySetResult(value)) return; // its continuations run elsewhere
        }

        throw new InvalidOperationException("The task has said before that it is ready.");
    }

    /// <summary>The starter's scope was cancelled: so is the task, unless it is ready.</summary>
    internal void GiveUp(CancellationToken by)
    {
        CancelScope? scope;
        lock (_gate)
        {
            if (_ready.Task.IsCompleted || _isGivenUp) return;
            _isGivenUp = true;
            _givenUpBy = by;
            scope = _scope;
        }

        if (scope is null) _ready.TrySetCanceled(by); // it has not begun, and does not any more
        else scope.Cancel();
    }

    /// <summary>Runs the work; what ends it before it was ready is its starter's to hear.</summary>
    /// <param name="work">What to run.</param>
    /// <param name="canBeGivenUp">Whether <see cref="GiveUp"/> may be called: then the work has a scope of its own.</param>
    internal async Task RunAsync(Func<StartSignal<T>, Task> work, bool canBeGivenUp)
    {
        try
        {
            if (canBeGivenUp) await CancelScope.RunAsync(scope => IsWantedIn(scope) ? work(this) : System.Threading.Tasks.Task.CompletedTask).ConfigureAwait(true);
            else await work(this).ConfigureAwait(true);
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

    private bool IsWantedIn(CancelScope scope)
    {
        lock (_gate)
        {
            _scope = scope;
            return !_isGivenUp;
        }
    }
}
