using System.Diagnostics;
using System.Runtime.InteropServices;
using Samovar.Diagnostics.Metering;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Processes.Protocol;
using Samovar.Serialization;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent;

/// <summary>Serializes the work of tasks, and work that many tasks share; refuses work that cannot be serialized.</summary>
/// <remarks>Runs on the submitter's thread, before any other thread sees the task. It takes no lock and guards no state: any number of threads
/// serialize at the same time.</remarks>
internal sealed class TaskSerializer : IDisposable
{
    /// <summary>The largest delegate that is sent in the ring, including its name, in bytes.</summary>
    private const int LargestInRing = 24 * 1024;

    /// <summary>The longest name of a task that its worker receives, in characters.</summary>
    private const int LongestName = 2048;

    /// <summary>The longest serialized delegate that is kept for the next task, in bytes.</summary>
    private const int LongestPlain = 1024;

    private readonly ProcessPool _pool;
    private readonly ChannelPlatform _platform;
    private readonly ShippingWriter _writer;
    private readonly SentCultures _cultures;
    private readonly ControlSender _control;
    private readonly TaskFlags _outputFlags;
    private readonly WarmSegments _warm;
    private int _lastWork; // Interlocked
    private PlainBody? _lastPlain; // SYNC: plain body known

    public TaskSerializer(
        ProcessPool pool, ChannelPlatform platform, ShippingWriter writer, SentCultures cultures, OutputCapture output, ControlSender control)
    {
        _pool = pool;
        _platform = platform;
        _writer = writer;
        _cultures = cultures;
        _control = control;
        _outputFlags = output.Flags;
        _warm = new WarmSegments(platform, pool.Time);
    }

    /// <summary>Returns the name of a task as it is sent: shortened, because it must not fill the ring.</summary>
    public static string NameOf(Future future)
    {
        string name = future.Name ?? "";
        return name.Length <= LongestName ? name : name[..LongestName];
    }

    /// <summary>Serializes the work of a task and attaches it to the future.</summary>
    public void Serialize(Future future)
    {
        var work = future.GetShippable();
        var shared = (SharedWork?)work.Shared;
        shared?.Hold();
        try
        {
            Serialize(future, work, shared);
        }
        catch
        {
            shared?.Release();
            throw;
        }
    }

    /// <summary>Serializes a delegate that many tasks call. Returns null if it captures nothing, so that sending it with each task costs
    /// nothing.</summary>
    public ExecutorSharedWork? Share(Delegate work, bool refersToIt)
    {
        int number = Interlocked.Increment(ref _lastWork);
        var shared = new SharedWork(_pool.Name, _control, number);
        var ports = AttachedPorts(number);
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
            var flags = (large is null ? WorkFlags.None : WorkFlags.IsElsewhere) | (refersToIt ? WorkFlags.IsReferredTo : WorkFlags.None);
            MemoryMarshal.Write(record, new WorkHeader(number, flags));
            inRing.CopyTo(record, WorkHeader.Size);
            shared.Fill(record, large, body.DefinitionsNeeded, body.TakeIdentities(refersToIt), ports.IsUsed ? ports : null);
            Debug.Assert(shared.Known!.Has(work), "the root is the first object of its message");
        }
        catch (Exception error)
        {
            // Each item fails with this error, as it would if the work were sent with the item.
            ports.Close();
            shared.Refuse(error);
        }

        return shared;
    }

    public void Dispose() => _warm.Dispose();

    private void Serialize(Future future, in ShippableWork work, SharedWork? shared)
    {
        var meter = _pool.Meter!;
        long began = meter.BeginShipping();
        var cultures = _cultures.Of(future.SubmittedCultures);
        var surroundings = TaskSurroundings.Of(future.SubmittedUnder is { } activity ? TaskTrace.Of(activity) : "", cultures.Record);
        SerializedTask task;
        int length;
        if (shared is null && Volatile.Read(ref _lastPlain) is { } plain && ReferenceEquals(plain.Work, work.Work)) // SYNC: plain body known
        {
            int definitions = Math.Max(plain.DefinitionsNeeded, cultures.DefinitionsNeeded);
            task = new SerializedTask(future, plain.Body, null, definitions, FlagsOf(future, work), work.Kind) { Surroundings = surroundings };
            length = plain.Body.Length;
        }
        else
        {
            task = Write(future, work, shared, surroundings, cultures.DefinitionsNeeded, out length);
        }

        if (task.Ports is { } ports) Attach(ports, task);
        if (meter.RecordsShipping(began)) task.NoteShipping(TaskShipping.Of(work.Work, Stopwatch.GetElapsedTime(began), length));
        future.Attach(task);
        meter.Shipped(ShippingDirection.Send, began);
        meter.Weighed(ShippingDirection.Send, length);
    }

    private SerializedTask Write(
        Future future, in ShippableWork work, SharedWork? shared, TaskSurroundings surroundings, int definitionsOfCultures, out int length)
    {
        var connector = LivePorts.Rent(_writer, takesCalls: true);
        using var body = _writer.PrepareContinued(work.Work, connector, shared?.Known);
        var flags = FlagsOf(future, work);
        var ports = connector.ReturnUnused();
        if (ports is not null) flags |= TaskFlags.IsLive;

        // A body that is too large for a ring is written once, to where the worker reads it, and not under the gate.
        LargeBody? large = null;
        byte[] inRing;
        try
        {
            if (body.Length + surroundings.Cultures.Length + ((surroundings.Trace.Length + NameOf(future).Length) * sizeof(char)) > LargestInRing)
            {
                large = LargeBody.Write(_platform, body, isReadOnce: future.Options.Retry is null, _warm);
                flags |= TaskFlags.IsElsewhere;
            }

            inRing = large?.InRing ?? body.ToArray();
        }
        catch
        {
            ports?.Close(); // no memory for the work: no other code has the ports yet
            throw;
        }

        length = body.Length;
        if (shared is null && IsPlain(work.Work, body))
            Volatile.Write(ref _lastPlain, new PlainBody(work.Work, inRing, body.DefinitionsNeeded)); // SYNC: plain body known
        return new SerializedTask(future, inRing, large, Math.Max(body.DefinitionsNeeded, definitionsOfCultures), flags, work.Kind)
        {
            Ports = ports,
            Surroundings = surroundings,
            Work = shared,
            Input = (KeptResult?)work.Place,
        };
    }

    /// <summary>Whether a delegate is always serialized to the same bytes, and lives as long as its assembly: a static lambda.</summary>
    private static bool IsPlain(Delegate work, ShippedBody body) =>
        body is { ObjectCount: < 2, Length: < LongestPlain } && work.Target is { } target && target.GetType() is { IsValueType: false, IsCollectible: false };

    private TaskFlags FlagsOf(Future future, in ShippableWork work)
    {
        var flags = _outputFlags;
        if (work.BringsResult) flags |= TaskFlags.BringsResult;
        if (future.ReportsStart) flags |= TaskFlags.TellsStart;
        return flags;
    }

    /// <summary>Creates the ports of work that many tasks share. Each worker that has the work gets every message.</summary>
    private LivePorts AttachedPorts(int work)
    {
        var ports = new LivePorts(_writer, takesCalls: true);
        ports.Attach(() => _control.SendLive(work, ports), error => _pool.Report(FailureSource.ProgressHandler, 0, null, error));
        return ports;
    }

    /// <summary>Attaches the ports of a task. A method of its own, so that work without live values pays for no closure.</summary>
    private void Attach(LivePorts ports, SerializedTask task) => ports.Attach(
        () => _control.SendLive(task),
        error => _pool.Report(FailureSource.ProgressHandler, task.Future.Id, task.Future.Name, error));

    /// <summary>A delegate that captures nothing, and what it was serialized to: a static lambda in a loop is the same delegate each time.</summary>
    private sealed record PlainBody(Delegate Work, byte[] Body, int DefinitionsNeeded);
}
