namespace Samovar.Cli.Map.Inputs;

/// <summary>Says once that nothing has come from an input: a tool that waits at a pipe to which nothing is written looks like one that hangs.</summary>
internal sealed class SilenceNotice : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private readonly Action _say;
    private readonly ITimer _timer;
    private int _isOver; // said, or something has come

    /// <param name="time">Measures the silence, from <see cref="Begin"/> on.</param>
    /// <param name="say">Called at most once, on any thread.</param>
    public SilenceNotice(TimeProvider time, Action say)
    {
        _say = say;
        _timer = time.CreateTimer(static self => ((SilenceNotice)self!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The input is read from now on.</summary>
    public void Begin() => _timer.Change(s_patience, Timeout.InfiniteTimeSpan);

    /// <summary>The input is not read until the next <see cref="Begin"/>.</summary>
    public void Pause() => _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>The same items; asking for the first one begins the silence, and that item, or their end, ends it.</summary>
    public IEnumerable<InputItem> Through(IEnumerable<InputItem> items)
    {
        Begin();
        foreach (InputItem item in items)
        {
            End();
            yield return item;
        }

        End();
    }

    /// <summary>Nothing is to be said from now on.</summary>
    public void End() => Volatile.Write(ref _isOver, 1);

    public ValueTask DisposeAsync()
    {
        End();
        return _timer.DisposeAsync();
    }

    private void Ring()
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 0) _say();
    }
}
