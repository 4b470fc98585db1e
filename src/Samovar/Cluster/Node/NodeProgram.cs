using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Programs;
using Samovar.Cluster.Protocol;
using Samovar.Primitives;

namespace Samovar.Cluster.Node;

/// <summary>A program of owners that is not that of the node. The gate of <see cref="NodePrograms"/> guards it.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class NodeProgram(BuildId build)
{
    public BuildId Build => build;

    /// <summary>The messages that wait for the program.</summary>
    public List<(TasksMessage Message, ClusterDelivery Delivery)> Waiting { get; set; } = [];

    /// <summary>The program's files; null until they are here.</summary>
    public ProgramFolder? Folder { get; set; }

    /// <summary>Its workers; null while no task uses them.</summary>
    public NodePool? Pool { get; set; }

    /// <summary>When a task was started last, as a number that grows with each start.</summary>
    public long UsedAt { get; set; }

    /// <summary>Receives the answer of an owner; null while none is expected.</summary>
    public TaskCompletionSource<ProgramStoredMessage>? Answer { get; set; }
}
