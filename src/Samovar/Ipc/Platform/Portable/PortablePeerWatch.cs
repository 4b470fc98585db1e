using System.Diagnostics;
using Samovar.Primitives;

namespace Samovar.Ipc.Platform.Portable;

/// <summary>Checks the watched processes twenty times a second, because there is no other way that works on all systems.</summary>
internal sealed class PortablePeerWatch : PeerWatch
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly object _list = new();
    private readonly HashSet<ProcessIdentity> _processes = [];
    private Thread? _thread;

    protected override void BeginLocked(ProcessIdentity process)
    {
        lock (_list)
        {
            _processes.Add(process);
            Monitor.PulseAll(_list);
            if (_thread is not null) return;
            var thread = new Thread(Run) { IsBackground = true, Name = "Samovar peer watch" };
            try
            {
                thread.UnsafeStart();
            }
            catch (OutOfMemoryException e)
            {
                _processes.Remove(process); // the next watch tries again
                throw new IOException("No thread could be started to watch other processes: memory or threads are exhausted.", e);
            }

            _thread = thread;
            CheckInvariantsLocked();
        }
    }

    protected override void EndLocked(ProcessIdentity process)
    {
        using (GateEntry.HoldMonitorRegardless(_list))
        {
            _processes.Remove(process);
            CheckInvariantsLocked();
        }
    }

    private void Run()
    {
        while (true)
        {
            ProcessIdentity[] processes;
            lock (_list)
            {
                while (_processes.Count == 0) Monitor.Wait(_list);
                processes = [.. _processes];
            }

            foreach (ProcessIdentity process in processes)
            {
                if (!HasEnded(process)) continue;
                lock (_list) _processes.Remove(process);
                Ended(process);
            }

            lock (_list) Monitor.Wait(_list, s_pause);
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_thread is not null || _processes.Count == 0, "watched processes have a thread that watches them");
    }

    private static bool HasEnded(ProcessIdentity process)
    {
        try
        {
            return !process.IsAlive;
        }
        catch (IOException)
        {
            return false; // unknown now; it is checked again soon
        }
    }
}
