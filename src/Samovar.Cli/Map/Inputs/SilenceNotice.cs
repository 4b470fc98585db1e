namespace Samovar.Cli.Map.Inputs;

/// <summary>Prints a message once if no item arrives: a tool that waits for an idle pipe looks as if it hangs.</summary>
internal sealed class SilenceNotice : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private readonly Action _say;
    private readonly ITimer _timer;
    private int _isOver; // the message was printed, or an item has arrived

    /// <param name="time">Measures the wait, from <see cref="Begin"/>.</param>
    /// <param name="say">Prints the message; called at most once, on any thread.</param>
    public SilenceNotice(TimeProvider time, Action say)
    {
        _say = say;
        _timer = time.CreateTimer(static self => ((SilenceNotice)self!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Starts the wait: the input is being read.</summary>
    public void Begin() => _timer.Change(s_patience, Timeout.InfiniteTimeSpan);

    /// <summary>Pauses the wait until the next <see cref="Begin"/>: the input is not being read.</summary>
    public void Pause() => _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Returns the same items. The wait starts when the first one is requested, and stops when it arrives or the input is empty.</summary>
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

    /// <summary>Stops the wait; no message is printed from now on.</summary>
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
