namespace Samovar.Ipc;

/// <summary>Asks after processes twenty times a second, as long as any is watched: there is no other way everywhere.</summary>
internal sealed class PortablePeerWatch : PeerWatch
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly object _list = new();
    private readonly HashSet<ProcessIdentity> _processes = [];
    private Thread? _thread;

    protected override void BeginUnderGate(ProcessIdentity process)
    {
        lock (_list)
        {
            _processes.Add(process);
            Monitor.PulseAll(_list);
            if (_thread is not null)
                return;
            _thread = new Thread(Run) { IsBackground = true, Name = "Samovar peer watch" };
            _thread.UnsafeStart();
        }
    }

    protected override void EndUnderGate(ProcessIdentity process)
    {
        lock (_list) _processes.Remove(process);
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
                if (process.IsAlive)
                    continue;
                lock (_list) _processes.Remove(process);
                Ended(process);
            }

            lock (_list) Monitor.Wait(_list, s_pause);
        }
    }
}
