using System.Reflection;
using Samovar.Serialization.Types;

namespace Samovar.Serialization.Closures;

/// <summary>The captured variables of a closure that travel with a lambda: those that it may read.</summary>
/// <param name="Type">The closure's class.</param>
/// <param name="Fields">A bit for each of its fields, in the order of <see cref="TravellingFields"/>.</param>
/// <param name="Parent">What travels of the closure of the enclosing block, to which a field refers; null for all of it.</param>
internal sealed record ClosurePart(Type Type, UInt128 Fields, ClosurePart? Parent)
{
    private const int MostFields = 128; // the bits of Fields; a closure with more travels whole

    /// <summary>The part of its closure that a lambda reads; null for all of it, or if that is not known.</summary>
    public static ClosurePart? Of(MethodInfo lambda, Type closure) =>
        ClosureType.Is(closure) && lambda.DeclaringType == closure && !IsPlain(closure) && ClosureCode.ReadsOf(lambda) is { } reads
            ? Of(closure, reads) : null;

    /// <summary>The fields of the part.</summary>
    public List<FieldInfo> Travelling()
    {
        var all = TravellingFields.Of(Type);
        var part = new List<FieldInfo>();
        for (int i = 0; i < Math.Min(all.Count, MostFields); i++)
        {
            if ((Fields >> i & 1) != 0) part.Add(all[i]);
        }

        return part;
    }

    /// <summary>What two lambdas over one closure read together; null for all of it.</summary>
    public static ClosurePart? Union(ClosurePart? one, ClosurePart? other)
    {
        if (one is null || other is null) return null;
        var fields = one.Fields | other.Fields;
        var parent = !one.HasParent ? other.Parent : !other.HasParent ? one.Parent : Union(one.Parent, other.Parent);
        return Normal(one.Type, fields, parent);
    }

    // Numbers and the like cost nothing to send, so that reading the code would not pay.
    private static bool IsPlain(Type closure) => TravellingFields.Of(closure).TrueForAll(static f => Blittable.Is(f.FieldType));

    private bool HasParent => Travelling().Exists(static f => ClosureType.Is(f.FieldType));

    private static ClosurePart? Of(Type closure, IReadOnlySet<int> reads)
    {
        var all = TravellingFields.Of(closure);
        if (all.Count > MostFields) return null;
        UInt128 fields = 0;
        int parents = 0;
        ClosurePart? parent = null;
        for (int i = 0; i < all.Count; i++)
        {
            if (!reads.Contains(all[i].MetadataToken)) continue;
            fields |= UInt128.One << i;
            if (ClosureType.Is(all[i].FieldType)) parent = ++parents == 1 ? Of(all[i].FieldType, reads) : null;
        }

        return Normal(closure, fields, parent);
    }

    private static ClosurePart? Normal(Type closure, UInt128 fields, ClosurePart? parent)
    {
        int count = TravellingFields.Of(closure).Count;
        return parent is null && UInt128.PopCount(fields) == (UInt128)count ? null : new ClosurePart(closure, fields, parent);
    }
}
