using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Samovar.Processes;

/// <content>Work that many tasks share: written once, and sent once to each worker that needs it.</content>
internal sealed partial class ProcessHost
{
    private readonly List<int> _forgotten = []; // gate: work that workers are to forget
    private int _lastWork;

    /// <summary>Makes the delegate bytes. Null: it captured nothing, and travels with each task at no cost.</summary>
    public override HostWork? Share(Delegate work, bool refersToIt)
    {
        int number = Interlocked.Increment(ref _lastWork);
        var shared = new SharedWork(this, number);
        var ports = new WorkPorts(this, number);
        try
        {
            using var body = _writer.Prepare(work, ports);
            if (body.ObjectCount < 2)
            {
                body.Abandon();
                return null;
            }

            LargeBody? large = body.Length > LargestInRing ? LargeBody.Write(_platform, body, isReadOnce: false, _warm) : null;
            byte[] inRing = large?.InRing ?? body.ToArray();
            byte[] record = new byte[WorkHeader.Size + inRing.Length];
            var traits = (large is null ? WorkTraits.None : WorkTraits.IsElsewhere) | (refersToIt ? WorkTraits.IsReferredTo : WorkTraits.None);
            MemoryMarshal.Write(record, new WorkHeader(number, traits));
            inRing.CopyTo(record, WorkHeader.Size);
            shared.Fill(record, large, body.DefinitionsNeeded, body.TakeIdentities(refersToIt), ports.IsUsed ? ports : null);
            Debug.Assert(shared.Known!.Has(work), "the root is the first object of its message");
        }
        catch (Exception error)
        {
            // Each item gets it as its own failure, as it would if the work travelled with it.
            ports.Close();
            shared.Refuse(error);
        }

        return shared;
    }

    /// <summary>Nothing uses the work any more.</summary>
    public void Forget(int work)
    {
        bool wasInterrupted = false;
        while (true)
        {
            try
            {
                lock (_gate)
                {
                    if (_isEnding || _bell is null) break; // the workers go, or there never were any
                    _forgotten.Add(work);
                    _bell.Interrupt();
                    break;
                }
            }
            catch (ThreadInterruptedException)
            {
                wasInterrupted = true; // a task ends on whichever thread: the interrupt is for its next wait
            }
        }

        if (wasInterrupted) Thread.CurrentThread.Interrupt();
    }

    /// <summary>Sends the messages of the work's live values to all that have it. Others get them with the work.</summary>
    public void SendLive(int work, WorkPorts ports)
    {
        var ringing = default(Ringing);
        lock (_gate)
        {
            foreach (var link in _links)
            {
                if (link.State != WorkerLinkState.Gone && link.Works.ContainsKey(work)) SendRestUnderGate(link, work, ports, ref ringing);
            }
        }

        ringing.Ring();
    }

    /// <summary>Sends the work of a task to a worker that does not have it.</summary>
    private void SendWorkUnderGate(WorkerLink link, SharedWork work, ref Ringing ringing)
    {
        if (link.Works.ContainsKey(work.Number)) return;
        link.Define(_writer, work.DefinitionsNeeded);
        link.Write(RecordTag.Work, work.Record);
        link.Works.Add(work.Number, 0);
        if (work.Ports is { } ports) SendRestUnderGate(link, work.Number, ports, ref ringing);
    }

    private void SendRestUnderGate(WorkerLink link, int work, WorkPorts ports, ref Ringing ringing)
    {
        int had = link.Works[work];
        foreach (var message in ports.TakeFrom(ref had)) SendLiveUnderGate(link, message);
        link.Works[work] = had;
        ringing.Add(link);
    }

    private void ForgetUnderGate(ref Ringing ringing)
    {
        foreach (int work in _forgotten)
        {
            var record = new WorkHeader(work, default);
            foreach (var link in _links)
            {
                if (link.State is WorkerLinkState.Starting or WorkerLinkState.Gone || !link.Works.Remove(work)) continue;
                TryWriteUnderGate(link, RecordTag.Forget, MemoryMarshal.AsBytes(new ReadOnlySpan<WorkHeader>(in record)).ToArray(), ref ringing);
            }
        }

        _forgotten.Clear();
    }
}
