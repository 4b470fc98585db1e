namespace Samovar;

/// <summary>With it a task of a group says that it is ready, and brings what its starter waits for: see <see cref="TaskGroup.StartAsync{T}"/>.</summary>
/// <typeparam name="T">The type of what it brings.</typeparam>
public sealed class StartSignal<T>
{
    private readonly TaskCompletionSource<T> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal StartSignal()
    {
    }

    internal Task<T> Task => _ready.Task;

    /// <summary>Says that the task is ready, so that whoever started it goes on.</summary>
    /// <param name="value">What he gets.</param>
    /// <exception cref="InvalidOperationException">It was said before.</exception>
    public void Ready(T value)
    {
        if (!_ready.TrySetResult(value)) throw new InvalidOperationException("The task has said before that it is ready.");
    }

    /// <summary>Runs the work; what ends it before it was ready is its starter's to hear.</summary>
    internal async Task RunAsync(Func<StartSignal<T>, Task> work)
    {
        try
        {
            await work(this).ConfigureAwait(true);
            _ready.TrySetException(new InvalidOperationException("The task has ended without having said that it is ready."));
        }
        catch (Exception error) when (_ready.TrySetException(error))
        {
            // Thrown where the task was started.
        }
    }
}
