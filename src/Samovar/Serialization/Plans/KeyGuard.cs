using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using Samovar.Serialization.Types;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Keeps altered data from overflowing the stack through the hash code of a record that refers to itself.</summary>
/// <remarks>
/// A record's hash code asks each of its fields. A legitimate key cannot be a circle of records, since its sender could not have hashed it;
/// a message altered on the way can. Hash codes written by hand are their owner's business.
/// </remarks>
internal static class KeyGuard
{
    private const int Deepest = 1000;
    private const int Most = 1_000_000;

    private static readonly ConcurrentDictionary<Type, FieldInfo[]> walked = new();

    /// <summary>Refuses a key that cannot be hashed; a comparer of the collection's own knows what it looks at.</summary>
    public static void Check(GraphReader reader, object? key, object? comparer)
    {
        if (comparer is not null || key is null || FieldsOf(key.GetType()).Length == 0) return;
        Walk(reader, key, new HashSet<object>(ReferenceEqualityComparer.Instance), new Dictionary<object, long>(ReferenceEqualityComparer.Instance));
    }

    // How many records the hash code asks: one that is shared is asked once for each way to it, so that thirty of them can make a billion.
    private static long Walk(GraphReader reader, object value, HashSet<object> path, Dictionary<object, long> asked)
    {
        if (asked.TryGetValue(value, out long known)) return known;
        if (path.Count > Deepest || !path.Add(value))
            throw reader.Bad($"A key is built from {(path.Count > Deepest ? $"more than {Deepest} records" : "a record that contains itself")}");
        long count = 1;
        foreach (var field in FieldsOf(value.GetType()))
        {
            if (field.GetValue(value) is { } part && FieldsOf(part.GetType()).Length > 0)
                count += Walk(reader, part, path, asked);
        }

        if (count > Most) throw reader.Bad($"The hash code of a key asks more than {Most:N0} records");
        path.Remove(value);
        return asked[value] = count;
    }

    // The fields that a synthesized hash code asks: those of records and tuples that hold references.
    private static FieldInfo[] FieldsOf(Type type) => walked.GetOrAdd(type, static t =>
        HashesItsFields(t) ? [.. TravellingFields.Of(t).Where(f => !Blittable.Is(f.FieldType) && f.FieldType != typeof(string))] : []);

    private static bool HashesItsFields(Type type)
    {
        if (type.IsPrimitive || type == typeof(string)) return false;
        if (type.IsAssignableTo(typeof(ITuple))) return true;
        var declaring = type.GetMethod(nameof(GetHashCode), BindingFlags.Instance | BindingFlags.Public, Type.EmptyTypes)?.DeclaringType;
        if (declaring == typeof(ValueType)) return true;
        return type.GetMethod(nameof(GetHashCode), BindingFlags.Instance | BindingFlags.Public, Type.EmptyTypes)!
            .IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
            || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>))
            || (type.Name.StartsWith("<>f__AnonymousType", StringComparison.Ordinal) && type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false));
    }
}
