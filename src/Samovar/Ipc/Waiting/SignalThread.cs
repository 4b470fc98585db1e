using System.Diagnostics;
using System.Runtime.InteropServices;
using Samovar.Ipc.Platform;
using Samovar.Primitives;

namespace Samovar.Ipc.Waiting;

/// <summary>The thread that sleeps for all asynchronous waits of this process.</summary>
/// <remarks>
/// <list type="number">
/// <item>There is one thread, created for the first such wait. It sleeps at the words of all signals with waiters. The kernel takes a limited number
/// of words at once (127 signals on Linux); there is one more thread for each further set of that size. A signal keeps its thread until it is closed,
/// because it may be waited for again.</item>
/// <item>Signals, their waiters and the round change under the gate. The thread looks at words under the gate and sleeps outside it, at words that it
/// has listed before.</item>
/// <item>Closing a signal removes it from the list, and waits until the thread has begun another round: the thread does not access that word any
/// more. A wake-up that the thread received and did not act on is passed to all other waiters at that word.</item>
/// <item>After a wake-up for one, the thread releases one waiter: the first that finds what it waits for. After a wake-up for all, or in doubt, it
/// releases all that do. A waiter that is served in order (<see cref="WaitOrder"/>) does not look while a waiter before it that takes is
/// waiting.</item>
/// <item>A wake-up for one counts as used only if it released a waiter. If the only waiters have completed by themselves in the meantime, the wake-up
/// is passed to another sleeper, which is in another process or waits synchronously.</item>
/// <item>Continuations of the waits never run on this thread.</item>
/// </list>
/// </remarks>
internal sealed unsafe class SignalThread
{
    public const string Name = "Samovar shared waits";

    private static readonly Lock s_gate = new();
    private static readonly List<SignalThread> s_threads = [];

    private readonly object _gate = new();
    private readonly List<SharedSignal> _signals = [];
    private readonly WaitPlatform _platform;
    private readonly uint* _control;
    private WaitedWord[] _words = [];
    private bool _sleeps;
    private long _round;
    private int _places; // s_gate: signals that have had waiters here and are not closed

    private SignalThread(WaitPlatform platform)
    {
        _platform = platform;
        _control = (uint*)NativeMemory.AllocZeroed(sizeof(uint));
        new Thread(Run) { IsBackground = true, Name = Name }.UnsafeStart();
    }

    /// <summary>The number of threads created so far.</summary>
    public static int Count
    {
        get
        {
            lock (s_gate) return s_threads.Count;
        }
    }

    /// <summary>Adds a wait to its signal's thread.</summary>
    public static void Add(AsyncWaiter waiter)
    {
        SharedSignal signal = waiter.Signal;
        SignalThread thread;
        lock (s_gate)
        {
            if (signal.IsClosed)
            {
                waiter.Fail(SharedSignal.Disposed());
                return;
            }

            thread = signal.Thread ??= PlaceFor(signal);
            lock (thread._gate)
            {
                if (signal.IsClosed)
                {
                    waiter.Fail(SharedSignal.Disposed());
                    return;
                }

                if (waiter.Task.IsCompleted) return;
                signal.AsyncWaiters.Add(waiter);
                if (!thread._signals.Contains(signal)) thread._signals.Add(signal);
                thread.Poke();
            }
        }
    }

    /// <summary>Removes a wait that has completed by itself, on any thread; Thread.Interrupt does not prevent that, because other waiters may have to
    /// look.</summary>
    public static void Forget(AsyncWaiter waiter)
    {
        if (ThreadOf(waiter.Signal) is not { } thread) return;
        using (GateEntry.HoldMonitorRegardless(thread._gate))
        {
            List<AsyncWaiter> waiters = waiter.Signal.AsyncWaiters;
            if (waiters.Remove(waiter) && waiter.Order == WaitOrder.Takes && waiters.Count > 0)
                thread.Poke(); // the next waiter may be ready, and has not looked
        }
    }

    /// <summary>Fails all waits at a signal that is closed. The thread does not access its word after this returns.</summary>
    /// <returns>Whether the thread may have slept at its word.</returns>
    public static bool Remove(SharedSignal signal)
    {
        SignalThread thread;
        using (s_gate.HoldRegardless())
        {
            if (signal.Thread is null) return false;
            thread = signal.Thread;
            if (signal.HasPlace) thread._places--;
            signal.HasPlace = false;
        }

        using (GateEntry.HoldMonitorRegardless(thread._gate))
        {
            foreach (AsyncWaiter waiter in signal.AsyncWaiters) waiter.Fail(SharedSignal.Disposed());
            signal.AsyncWaiters.Clear();
            if (!thread._signals.Remove(signal)) return false;
            if (!thread._sleeps) return true;
            long round = thread._round;
            thread.Poke();
            bool isInterrupted = false;
            while (thread._sleeps && thread._round == round)
            {
                try
                {
                    Monitor.Wait(thread._gate);
                }
                catch (ThreadInterruptedException)
                {
                    isInterrupted = true; // re-raised below: the signal's memory must not be unmapped while the other thread reads it
                }
            }

            if (isInterrupted) Thread.CurrentThread.Interrupt();
            return true;
        }
    }

    public static int WaitersOf(SharedSignal signal)
    {
        if (ThreadOf(signal) is not { } thread) return 0;
        lock (thread._gate) return signal.AsyncWaiters.Count;
    }

    private static SignalThread? ThreadOf(SharedSignal signal)
    {
        using (s_gate.HoldRegardless()) return signal.Thread;
    }

    private static SignalThread PlaceFor(SharedSignal signal)
    {
        SignalThread? thread = s_threads.Find(t => t._platform == signal.Platform && t._places < t._platform.MostWords - 1);
        if (thread is null) s_threads.Add(thread = new SignalThread(signal.Platform));
        thread._places++;
        signal.HasPlace = true;
        return thread;
    }

    private void Poke()
    {
        Interlocked.Increment(ref *_control);
        _platform.WakeAll(_control);
    }

    private void Run()
    {
        while (true)
        {
            ReadOnlySpan<WaitedWord> words;
            lock (_gate)
            {
                _sleeps = false;
                _round++;
                Monitor.PulseAll(_gate);
                words = LookLocked();
                CheckInvariantsLocked();
                _sleeps = true;
            }

            _platform.WaitAny(words, Timeout.InfiniteTimeSpan);
        }
    }

    private ReadOnlySpan<WaitedWord> LookLocked()
    {
        if (_words.Length <= _signals.Count) _words = new WaitedWord[Math.Max(8, 2 * (_signals.Count + 1))];
        _words[0] = new WaitedWord((nint)_control, Volatile.Read(ref *_control));
        int count = 1;
        for (int i = _signals.Count - 1; i >= 0; i--)
        {
            SharedSignal signal = _signals[i];
            bool isUnused = false;
            if (signal.AsyncWaiters.Count > 0)
            {
                WaitedWord word = signal.Word.Prepare(out bool wasNotified);
                WatchLocked(signal); // after the announcement: a process that joins from here on changes the turn
                bool isForOne = wasNotified && SignalWord.TurnsBetween(signal.TurnSeen, word.Expected) == 1;
                signal.TurnSeen = word.Expected;
                isUnused = !LetGo(signal.AsyncWaiters, isForOne) && wasNotified;
                if (signal.AsyncWaiters.Count > 0)
                {
                    _words[count++] = word;
                    continue;
                }
            }

            _signals.RemoveAt(i);
            PassOn(signal, isUnused);
        }

        return _words.AsSpan(0, count);
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_words.Length > _signals.Count, "the list has room for the word of each signal and of this thread");
        foreach (SharedSignal signal in _signals)
        {
            Debug.Assert(ReferenceEquals(signal.Thread, this), "a signal is listed at the thread that it is assigned to");
            Debug.Assert(signal.AsyncWaiters.Count > 0, "only signals with waiters are kept after a look");
        }
    }

    // The last waiter here has gone. If it was cancelled, timed out or failed, a wake-up may have been intended for it, before this round (isUnused)
    // or since. Then another sleeper has to look.
    private static void PassOn(SharedSignal signal, bool isUnused)
    {
        signal.Word.Prepare(out bool wasNotified);
        if (wasNotified || isUnused) signal.WakeOne();
    }

    private static void WatchLocked(SharedSignal signal)
    {
        try
        {
            signal.WatchPeers();
        }
        catch (IOException e)
        {
            // No descriptor is available to watch the other processes, so waiting would not be safe.
            foreach (AsyncWaiter waiter in signal.AsyncWaiters) waiter.Fail(e);
            signal.AsyncWaiters.Clear();
        }
    }

    /// <returns>Whether a waiter found what it waited for.</returns>
    private static bool LetGo(List<AsyncWaiter> waiters, bool isForOne)
    {
        int kept = 0;
        bool any = false;
        bool isDone = false;
        bool isOrderHeldUp = false;
        for (int i = 0; i < waiters.Count; i++)
        {
            AsyncWaiter waiter = waiters[i];
            WaiterLook look = WaiterLook.NotReady;
            try
            {
                if (!isDone && !(waiter.Order != WaitOrder.None && isOrderHeldUp)) look = waiter.Look();
            }
            catch (Exception e)
            {
                // The memory is damaged, or there is no memory for a large item: the error belongs to the waiter, not to this thread.
                waiter.Fail(e);
                continue;
            }

            if (look == WaiterLook.Ready)
            {
                any = true;
                isDone = isForOne;
            }

            if (look != WaiterLook.NotReady) continue;
            isOrderHeldUp |= waiter.Order == WaitOrder.Takes;
            waiters[kept++] = waiter;
        }

        waiters.RemoveRange(kept, waiters.Count - kept);
        return any;
    }
}
