namespace Samovar.Primitives;

/// <summary>Enters a lock on a thread that may be interrupted (<see cref="Thread.Interrupt"/>) and must continue anyway, because other threads
/// would otherwise wait indefinitely for what it reports.</summary>
internal static class GateEntry
{
    /// <summary>Enters the gate, even if the thread is interrupted while it waits.</summary>
    /// <returns>Whether the thread was interrupted. If so, the caller interrupts it again when it is done, because the interrupt is intended for
    /// the thread's next wait.</returns>
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

    /// <summary>Interrupts this thread again if <see cref="EnterRegardless"/> returned that it was interrupted.</summary>
    public static void Reinterrupt(bool wasInterrupted)
    {
        if (wasInterrupted) Thread.CurrentThread.Interrupt();
    }

    /// <summary>Enters the gate like <see cref="EnterRegardless"/>. Disposing exits the gate and interrupts the thread again if it was
    /// interrupted.</summary>
    public static Hold HoldRegardless(this Lock gate) => new(gate);

    /// <summary>Like <see cref="HoldRegardless"/>, for a gate at which threads wait (<see cref="Monitor.Wait(object)"/>).</summary>
    public static MonitorHold HoldMonitorRegardless(object gate) => new(gate);

    /// <summary>Unregisters a callback, even if the thread is interrupted meanwhile: the runtime sleeps if another thread holds the lock of the
    /// token's registrations for long. Does not wait for a callback that is running.</summary>
    /// <returns>True if the callback has not started and will not start; otherwise, false.</returns>
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

    /// <summary>A gate that is held until it is disposed.</summary>
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
