using Samovar.Primitives;

namespace Samovar.Ipc.Platform;

/// <summary>
/// A doorbell whose wake-up is an event of this process. Used by tests, and for wake-ups that arrive through a socket.
/// </summary>
internal sealed unsafe class LocalDoorbell : DoorbellSleeper
{
    // Never disposed: a ringer that has read that the sleeper sleeps sets the event, however late, and must not fail because the sleeper has woken by
    // itself and is gone. The collector frees it.
    private readonly AutoResetEvent _rung = new(initialState: false);
    private readonly Action<LocalDoorbell>? _disposed;

    /// <param name="word">The word.</param>
    /// <param name="spin">How the sleeper waits before it sleeps.</param>
    /// <param name="disposed">Called when the sleeper is disposed.</param>
    public LocalDoorbell(uint* word, SpinPolicy spin, Action<LocalDoorbell>? disposed = null)
        : base(word, spin) => _disposed = disposed;

    /// <summary>Wakes the sleeper; does nothing if it was disposed. Thread-safe.</summary>
    public void Signal() => _rung.Set();

    public override void Dispose()
    {
        _disposed?.Invoke(this);
        base.Dispose();
    }

    protected override void Sleep(TimeSpan timeout) => _rung.WaitOne(timeout);

    protected override void WakeLocally() => Signal();
}
