namespace Samovar.Tests.Testing;

/// <summary>A synchronization context that keeps what is posted until the test runs it.</summary>
internal sealed class RecordingContext : SynchronizationContext
{
    private readonly object _gate = new();
    private readonly List<(SendOrPostCallback Callback, object? State)> _posted = [];

    public int Posts
    {
        get
        {
            lock (_gate) return _posted.Count;
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            _posted.Add((d, state));
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Calls <paramref name="begin"/> in this context.</summary>
    public T Enter<T>(Func<T> begin)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            return begin();
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    public Task WhenPostedAsync(int count) => TestSupport.OnOwnThread(() =>
    {
        lock (_gate)
        {
            while (_posted.Count < count)
            {
                if (!Monitor.Wait(_gate, TestTimeout.Wait)) throw new TimeoutException($"{_posted.Count} of {count} were posted.");
            }
        }
    });

    public void RunPosted()
    {
        foreach (var (callback, state) in _posted.ToArray()) callback(state);
    }
}
