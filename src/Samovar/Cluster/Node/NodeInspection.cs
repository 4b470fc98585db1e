using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Members;
using Samovar.Cluster.Protocol;
using Samovar.Diagnostics.Inspection;
using Samovar.Primitives;

namespace Samovar.Cluster.Node;

/// <summary>A node of a cluster from the point of view of an observer of its process.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class NodeInspection(NodeCore core, EnvelopeSeal seal) : MemberInspection(MemberRole.Node, core.Monitor, seal)
{
    public override bool HasLeft => core.Left.IsCompleted;

    protected override TimeProvider Time => core.Time;

    protected override MemberActivity Complete(MemberActivity activity)
    {
        var statistics = core.GetStatistics();
        string? build = ProgramBuild.Current.IsValueCreated ? ProgramBuild.Current.Value.ToString() : null;
        return activity with
        {
            Build = build,
            Received = statistics.ReceivedMessages,
            StartError = statistics.StartError,
            Self = new NodeActivity(core.Id, core.Name, statistics.IsLeaving ? "draining" : "accepting")
            {
                Workers = statistics.Workers,
                Running = statistics.Running,
                Held = statistics.Held,
                Resources = statistics.Resources,
                Build = build,
            },
        };
    }

    /// <exception cref="InvalidOperationException">The node is not connected yet.</exception>
    protected override Task<ClusterConnection> ConnectAsync(CancellationToken cancellationToken) => Task.FromResult(core.Connection);
}
