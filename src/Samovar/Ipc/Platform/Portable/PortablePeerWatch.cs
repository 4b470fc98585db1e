using System.Diagnostics;
using Samovar.Primitives;

namespace Samovar.Ipc.Platform.Portable;

/// <summary>Asks after processes twenty times a second, as long as any is watched: there is no other way everywhere.</summary>
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
                _processes.Remove(process); // the next one to watch tries again
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
        Debug.Assert(_thread is not null || _processes.Count == 0, "what is watched has a thread that looks");
    }

    private static bool HasEnded(ProcessIdentity process)
    {
        try
        {
            return !process.IsAlive;
        }
        catch (IOException)
        {
            return false; // nobody can tell now; it is asked after again soon
        }
    }
}
