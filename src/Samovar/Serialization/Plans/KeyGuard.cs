using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Serialization.Types;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Prevents an altered message from overflowing the stack through the hash code of a record that refers to itself.</summary>
/// <remarks>
/// The hash code of a record calls the hash codes of its fields. A valid key cannot be a cycle of records, because the sender could not have
/// hashed it, but an altered message can contain one. Hand-written hash codes are not checked.
/// </remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class KeyGuard
{
    private const int Deepest = 1000;
    private const int Most = 1_000_000;

    private static readonly ConcurrentDictionary<Type, FieldInfo[]> walked = new();

    /// <summary>Throws if a key cannot be hashed. Keys of a collection with a custom comparer are not checked.</summary>
    public static void Check(GraphReader reader, object? key, object? comparer)
    {
        if (comparer is not null || key is null || FieldsOf(key.GetType()).Length == 0) return;
        Walk(reader, key, new HashSet<object>(ReferenceEqualityComparer.Instance), new Dictionary<object, long>(ReferenceEqualityComparer.Instance));
    }

    // Returns the number of records that the hash code visits. A shared record is visited once for each path to it, so thirty records can cause
    // a billion visits.
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

        if (count > Most) throw reader.Bad($"The hash code of a key visits more than {Most:N0} records");
        path.Remove(value);
        return asked[value] = count;
    }

    // Returns the fields that a compiler-generated hash code visits and that can lead to a cycle: those of records and tuples with references.
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
