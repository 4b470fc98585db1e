using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Protocol;
using Samovar.Diagnostics.Metering;
using Samovar.Executors.Actors;
using Samovar.Primitives;
using Samovar.Processes.Parent;
using Samovar.Processes.Protocol;
using Samovar.Serialization;
using Samovar.Tasks.Core;

namespace Samovar.Cluster.Owner;

/// <summary>Serializes the work of tasks, and work that many tasks share, on the submitter's thread. Thread-safe.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class ClusterSerializer
{
    private readonly ClusterCore _core;
    private readonly SentCultures _cultures;
    private int _lastShared; // Interlocked

    public ClusterSerializer(ClusterCore core)
    {
        _core = core;
        _cultures = new SentCultures(Writer);
    }

    /// <summary>Numbers the definitions of this owner.</summary>
    public ShippingWriter Writer { get; } = new();

    /// <summary>Serializes the work of a task and attaches it to the future.</summary>
    public void Serialize(Future future)
    {
        long began = _core.Meter?.BeginShipping() ?? 0;
        var work = future.GetShippable();
        var shared = (ClusterSharedWork?)work.Shared;
        shared?.ThrowIfRefused();
        var cultures = _cultures.Of(future.SubmittedCultures);
        var connector = LivePorts.Rent(Writer, takesCalls: false);
        ClusterTask task;
        LivePorts? ports;
        using (var body = Writer.PrepareContinued(work.Work, connector, shared?.Known))
        {
            ports = connector.ReturnUnused();
            int definitions = Math.Max(Math.Max(body.DefinitionsNeeded, cultures.DefinitionsNeeded), shared?.DefinitionsNeeded ?? 0);
            var flags = (work.BringsResult ? ClusterTaskFlags.BringsResult : ClusterTaskFlags.None) | (ports is null ? ClusterTaskFlags.None : ClusterTaskFlags.IsLive)
                | (future.ReportsStart ? ClusterTaskFlags.ReportsStart : ClusterTaskFlags.None)
                | (work.Work.Target is IActorBeginning ? ClusterTaskFlags.CreatesActor : ClusterTaskFlags.None);
            PayloadLimits.Require($"The work of task {future.Id}", body.Length, _core.LargestWork);
            shared?.AddUser();
            task = new ClusterTask(_core, future, work.Kind, flags, body.ToArray(), definitions)
            {
                Cultures = cultures.Record,
                Trace = future.SubmittedUnder is { } activity ? TaskTrace.Of(activity) : "",
                Shared = shared,
                Ports = ports,
            };
        }

        ports?.Attach(() => _core.SendLive(task), error => _core.Report(FailureSource.ProgressHandler, future.Id, future.Name, error));
        if (_core.Meter?.RecordsShipping(began) == true) task.NoteShipping(TaskShipping.Of(work.Work, Stopwatch.GetElapsedTime(began), task.Length));
        future.Attach(task);
        _core.Meter?.Shipped(ShippingDirection.Send, began);
        _core.Meter?.Weighed(ShippingDirection.Send, task.Length);
    }

    /// <summary>Serializes a delegate that many tasks call. Returns null if it captures nothing, or captures live values, which are connected for each
    /// task.</summary>
    public ExecutorSharedWork? Share(Delegate work, bool refersToIt)
    {
        var connector = new LivePorts(Writer, takesCalls: false);
        try
        {
            using var body = Writer.Prepare(work, connector);
            if (body.ObjectCount < 2 || connector.IsUsed)
            {
                body.Abandon();
                return null;
            }

            PayloadLimits.Require("The work of the map", body.Length, _core.LargestWork);
            var shared = new SharedBody(Interlocked.Increment(ref _lastShared), refersToIt, body.ToArray());
            return new ClusterSharedWork(_core.Blobs, shared, body.DefinitionsNeeded, body.TakeIdentities(refersToIt));
        }
        catch (Exception error)
        {
            return new ClusterSharedWork(error); // each item fails with this error, as it would if the work were sent with the item
        }
    }
}
