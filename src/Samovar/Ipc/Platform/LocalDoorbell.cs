using Samovar.Primitives;

namespace Samovar.Ipc.Platform;

/// <summary>
/// A doorbell whose wake-up is an event of this process. Used by tests, and for wake-ups that arrive through a socket.
/// </summary>
internal sealed unsafe class LocalDoorbell : DoorbellSleeper
{
    private readonly AutoResetEvent _rung = new(initialState: false);

    public LocalDoorbell(uint* word, SpinPolicy spin)
        : base(word, spin)
    {
    }

    /// <summary>Wakes the sleeper. Thread-safe.</summary>
    public void Signal() => _rung.Set();

    public override void Dispose()
    {
        _rung.Dispose();
        base.Dispose();
    }

    protected override void Sleep(TimeSpan timeout) => _rung.WaitOne(timeout);

    protected override void WakeLocally() => Signal();
}
