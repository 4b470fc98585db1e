namespace Samovar.Tests.Contract;

/// <summary>An object with state, for actors.</summary>
public sealed class TestModel : IDisposable
{
    private readonly List<int> _seen = [];
    private readonly Gate? _disposed;
    private int _running;

    public TestModel(Gate? disposed = null) => _disposed = disposed;

    public int Process { get; } = Environment.ProcessId;

    public int Thread { get; } = Environment.CurrentManagedThreadId;

    public int Add(int number)
    {
        _seen.Add(number);
        return _seen.Count;
    }

    public List<int> Seen() => [.. _seen];

    /// <summary>Yields its thread while it has the turn.</summary>
    public async Task<int> AddSlowlyAsync(int number)
    {
        if (Interlocked.Increment(ref _running) != 1) throw new InvalidOperationException("Two calls at the same time.");
        await Task.Yield();
        await Task.Yield();
        Interlocked.Decrement(ref _running);
        return Add(number);
    }

    public void Dispose() => _disposed?.Open();
}
