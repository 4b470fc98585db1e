namespace Samovar.Tests.Processes;

/// <summary>Keeps what is reported, in order.</summary>
internal sealed class Reported<T> : IProgress<T>
{
    private readonly Lock _gate = new();
    private readonly List<T> _values = [];
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public T[] Values
    {
        get
        {
            lock (_gate) return [.. _values];
        }
    }

    public Task FirstAsync() => _first.Task;

    public void Report(T value)
    {
        lock (_gate) _values.Add(value);
        _first.TrySetResult();
    }
}
