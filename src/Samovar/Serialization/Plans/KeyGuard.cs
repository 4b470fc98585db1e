using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
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

    private static readonly ConcurrentDictionary<Type, FieldInfo[]> walked = new();

    public static void Check(GraphReader reader, object? key)
    {
        if (key is null || FieldsOf(key.GetType()).Length == 0)
            return;
        var path = new HashSet<object>(ReferenceEqualityComparer.Instance);
        Walk(reader, key, path, new HashSet<object>(ReferenceEqualityComparer.Instance));
    }

    private static void Walk(GraphReader reader, object value, HashSet<object> path, HashSet<object> seen)
    {
        if (path.Count > Deepest || !path.Add(value))
            throw reader.Bad($"A key is built from {(path.Count > Deepest ? $"more than {Deepest} records" : "a record that contains itself")}");
        if (seen.Add(value))
        {
            foreach (var field in FieldsOf(value.GetType()))
            {
                if (field.GetValue(value) is { } part && FieldsOf(part.GetType()).Length > 0)
                    Walk(reader, part, path, seen);
            }
        }

        path.Remove(value);
    }

    // The fields that a synthesized hash code asks: those of records and tuples that hold references.
    private static FieldInfo[] FieldsOf(Type type) => walked.GetOrAdd(type, static t =>
        HashesItsFields(t) ? [.. FieldSet.Travelling(t, typeof(object)).Where(f => !Blittable.Is(f.FieldType) && f.FieldType != typeof(string))] : []);

    private static bool HashesItsFields(Type type)
    {
        if (type.IsPrimitive || type == typeof(string))
            return false;
        if (type.IsAssignableTo(typeof(ITuple)))
            return true;
        var declaring = type.GetMethod(nameof(GetHashCode), BindingFlags.Instance | BindingFlags.Public, Type.EmptyTypes)?.DeclaringType;
        if (declaring == typeof(ValueType))
            return true;
        return type.GetMethod(nameof(GetHashCode), BindingFlags.Instance | BindingFlags.Public, Type.EmptyTypes)!
            .IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
            || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>))
            || (type.Name.StartsWith("<>f__AnonymousType", StringComparison.Ordinal) && type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false));
    }
}
