namespace Samovar.Primitives;

/// <summary>Taking a lock on a thread that may be interrupted (<see cref="Thread.Interrupt"/>) and must go on all the same: it tells
/// others of an end, and they would wait for ever.</summary>
internal static class GateEntry
{
    /// <summary>Enters the gate, however often the thread is interrupted meanwhile.</summary>
    /// <returns>Whether it was: the caller interrupts it again when it is done, for the next wait, which that was meant for.</returns>
    public static bool EnterRegardless(this Lock gate)
    {
        bool wasInterrupted = false;
        while (true)
        {
            try
            {
                gate.Enter();
                return wasInterrupted;
            }
            catch (ThreadInterruptedException)
            {
                wasInterrupted = true;
            }
        }
    }

    /// <summary>Interrupts this thread again where <see cref="EnterRegardless"/> has said that it was.</summary>
    public static void Reinterrupt(bool wasInterrupted)
    {
        if (wasInterrupted) Thread.CurrentThread.Interrupt();
    }

    /// <summary>Holds the gate, entered as by <see cref="EnterRegardless"/>, until it is disposed, which interrupts the thread again.</summary>
    public static Hold HoldRegardless(this Lock gate) => new(gate);

    /// <summary>The same for a gate at which threads wait (<see cref="Monitor.Wait(object)"/>).</summary>
    public static MonitorHold HoldMonitorRegardless(object gate) => new(gate);

    /// <summary>Unregisters, however often the thread is interrupted meanwhile: the runtime sleeps where another thread is at the token's registrations for long. Does not wait
    /// for a callback that runs.</summary>
    /// <returns>Whether the callback has not begun, and will not.</returns>
    public static bool UnregisterRegardless(this CancellationTokenRegistration registration)
    {
        bool wasInterrupted = false;
        while (true)
        {
            try
            {
                bool isUnregistered = registration.Unregister();
                Reinterrupt(wasInterrupted);
                return isUnregistered;
            }
            catch (ThreadInterruptedException)
            {
                wasInterrupted = true;
            }
        }
    }

    private static bool EnterMonitorRegardless(object gate)
    {
        bool wasInterrupted = false;
        while (true)
        {
            try
            {
                Monitor.Enter(gate);
                return wasInterrupted;
            }
            catch (ThreadInterruptedException)
            {
                wasInterrupted = true;
            }
        }
    }

    /// <summary>A gate that is held.</summary>
    internal readonly ref struct Hold(Lock gate) : IDisposable
    {
        private readonly Lock _gate = gate;
        private readonly bool _wasInterrupted = gate.EnterRegardless();

        public void Dispose()
        {
            _gate.Exit();
            Reinterrupt(_wasInterrupted);
        }
    }

    /// <inheritdoc cref="Hold"/>
    internal readonly ref struct MonitorHold(object gate) : IDisposable
    {
        private readonly object _gate = gate;
        private readonly bool _wasInterrupted = EnterMonitorRegardless(gate);

        public void Dispose()
        {
            Monitor.Exit(_gate);
            Reinterrupt(_wasInterrupted);
        }
    }
}
