using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;
using Samovar.Serialization;
using Samovar.Tasks.Core;

namespace Samovar.Cluster.Owner;

/// <summary>A result that a worker in the cluster has serialized.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class ClusterResult(ShippingReader reader, ReadOnlyMemory<byte> body, TimeSpan elapsed) : ResultSource
{
    public override TimeSpan Elapsed => elapsed;

    public override ReadOnlySpan<byte> Bytes => body.Span;

    public override T Read<T>() => reader.Read<T>(body.Span);

    public override PartReader<T> PartsOf<T>() => part => reader.Read<T>(part);
}
