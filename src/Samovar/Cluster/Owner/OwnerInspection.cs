using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Members;
using Samovar.Cluster.Protocol;
using Samovar.Diagnostics.Inspection;
using Samovar.Primitives;

namespace Samovar.Cluster.Owner;

/// <summary>An executor of a cluster from the point of view of an observer: the nodes that it knows from their beacons.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class OwnerInspection(ClusterCore core, OwnerTasks tasks, OwnerConnector connector, EnvelopeSeal seal) : MemberInspection(MemberRole.Executor, core.Monitor, seal)
{
    public override bool HasLeft => core.IsOver;

    protected override TimeProvider Time => core.Time;

    protected override MemberActivity Complete(MemberActivity activity) => activity with
    {
        Executor = core.Number,
        Build = core.KnownBuild?.ToString(),
        Error = activity.Error ?? connector.Refusal?.Message,
        Duplicates = core.Monitor.Duplicates,
        NodesLost = core.Monitor.NodesLost,
        Nodes = tasks.CaptureNodes(),
    };

    protected override Task<ClusterConnection> ConnectAsync(CancellationToken cancellationToken) => connector.Connected.WaitAsync(cancellationToken);
}
