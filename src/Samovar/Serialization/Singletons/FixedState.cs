using System.Reflection;
using System.Runtime.CompilerServices;
using Samovar.Serialization.Types;

namespace Samovar.Serialization.Singletons;

/// <summary>Tells objects that stay as they were made from those whose state changes, which another process would not have.</summary>
/// <remarks>
/// Only fields count, not what methods promise: all must be read-only, and so must be those of the objects that they refer to. Arrays and
/// delegates count as fixed, since what is made once and named rarely changes them; the collections of .NET do not, but for the immutable
/// ones.
/// </remarks>
internal static class FixedState
{
    private const int MostObjects = 1000; // what refers to more is data, and travels as such

    private static readonly HashSet<string> leaves = new(StringComparer.Ordinal)
    {
        "System.String", "System.Uri", "System.Version", "System.Text.RegularExpressions.Regex", "System.Text.Encoding", "System.TimeZoneInfo",
        "System.StringComparer", "System.Globalization.CompareInfo", "System.Net.IPAddress", "System.Type", "System.Reflection.MemberInfo",
        "System.Reflection.Assembly", "System.Reflection.Module", "System.Delegate", "System.DBNull",
    };

    /// <summary>Whether nothing that the object consists of can change.</summary>
    public static bool Is(object value)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Queue<object>();
        open.Enqueue(value);
        while (open.TryDequeue(out object? next))
        {
            var type = next.GetType();
            if (IsLeaf(type) || !seen.Add(next)) continue;
            if (seen.Count > MostObjects) return false;
            if (next is Array array)
            {
                if (Blittable.Is(type.GetElementType()!)) continue;
                foreach (object? item in array) Open(item);
                continue;
            }

            foreach (var field in TravellingFields.Of(type))
            {
                if (!type.IsValueType && !IsSetOnce(field)) return false;
                if (!Blittable.Is(field.FieldType) && !field.FieldType.IsPointer && !field.FieldType.IsFunctionPointer)
                    Open(field.GetValue(next));
            }
        }

        return true;

        void Open(object? part)
        {
            if (part is not null) open.Enqueue(part);
        }
    }

    // A parameter of a primary constructor that the object keeps is a field that C# cannot mark as read-only.
    private static bool IsSetOnce(FieldInfo field) => field.IsInitOnly
        || (field.Name.StartsWith('<') && field.Name.EndsWith(">P", StringComparison.Ordinal) && field.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false));

    private static bool IsLeaf(Type type)
    {
        if (Blittable.Is(type) || type.Namespace is "System.Collections.Immutable" or "System.Collections.Frozen") return true;
        for (var t = type; t is not null; t = t.BaseType)
        {
            if (t.FullName is { } name && leaves.Contains(name)) return true;
        }

        return false;
    }
}
