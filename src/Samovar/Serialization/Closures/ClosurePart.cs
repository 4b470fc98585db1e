using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Samovar.Primitives;
using Samovar.Serialization.Types;

namespace Samovar.Serialization.Closures;

/// <summary>The captured variables of a closure that travel with a lambda: those that the lambda can read.</summary>
/// <param name="Type">The class of the closure.</param>
/// <param name="Fields">One bit for each field of the class, in the order of <see cref="TravellingFields"/>.</param>
/// <param name="Parent">The part of the enclosing block's closure, to which a field refers; null if that closure travels whole.</param>
[UnconditionalSuppressMessage("Trimming", "IL2026", Justification = CodeRequirements.BehindWriter)]
[UnconditionalSuppressMessage("AOT", "IL3050", Justification = CodeRequirements.BehindWriter)]
internal sealed record ClosurePart(Type Type, FieldMask Fields, ClosurePart? Parent)
{
    /// <summary>Returns the part of its closure that a lambda reads; null if it reads all of it, or if that is unknown.</summary>
    public static ClosurePart? Of(MethodInfo lambda, Type closure) =>
        ClosureType.Is(closure) && lambda.DeclaringType == closure && !IsPlain(closure) && ClosureCode.ReadsOf(lambda) is { } reads
            ? Of(closure, reads) : null;

    /// <summary>Returns the fields of the part.</summary>
    public List<FieldInfo> Travelling()
    {
        var all = TravellingFields.Of(Type);
        var part = new List<FieldInfo>();
        for (int i = 0; i < Math.Min(all.Count, FieldMask.Capacity); i++)
        {
            if (Fields.Contains(i)) part.Add(all[i]);
        }

        return part;
    }

    /// <summary>Returns the fields that at least one of two lambdas over the same closure reads; null for all fields.</summary>
    public static ClosurePart? Union(ClosurePart? one, ClosurePart? other)
    {
        if (one is null || other is null) return null;
        var fields = one.Fields | other.Fields;
        var parent = !one.HasParent ? other.Parent : !other.HasParent ? one.Parent : Union(one.Parent, other.Parent);
        return Normal(one.Type, fields, parent);
    }

    // Written out: the compiler's use a comparer of field masks, which is compiled at run time in each worker.
    public bool Equals(ClosurePart? other) => other is not null && Type == other.Type && Fields == other.Fields && Equals(Parent, other.Parent);

    public override int GetHashCode() =>
        ((Type.GetHashCode() * 31 + Fields.Low.GetHashCode()) * 31 + Fields.High.GetHashCode()) * 31 + (Parent is null ? 0 : Parent.GetHashCode());

    // Sending numbers and other unmanaged values costs less than analyzing the code.
    private static bool IsPlain(Type closure) => TravellingFields.Of(closure).TrueForAll(static f => Blittable.Is(f.FieldType));

    private bool HasParent => Travelling().Exists(static f => ClosureType.Is(f.FieldType));

    private static ClosurePart? Of(Type closure, IReadOnlySet<int> reads)
    {
        var all = TravellingFields.Of(closure);
        if (all.Count > FieldMask.Capacity) return null; // the closure travels whole
        FieldMask fields = default;
        int parents = 0;
        ClosurePart? parent = null;
        for (int i = 0; i < all.Count; i++)
        {
            if (!reads.Contains(all[i].MetadataToken)) continue;
            fields = fields.With(i);
            if (ClosureType.Is(all[i].FieldType)) parent = ++parents == 1 ? Of(all[i].FieldType, reads) : null;
        }

        return Normal(closure, fields, parent);
    }

    private static ClosurePart? Normal(Type closure, FieldMask fields, ClosurePart? parent)
    {
        int count = TravellingFields.Of(closure).Count;
        return parent is null && fields.Count == count ? null : new ClosurePart(closure, fields, parent);
    }
}
