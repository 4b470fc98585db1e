using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Serialization.Types;

namespace Samovar.Serialization.Singletons;

/// <summary>Determines whether an object is immutable, so that the object in the same static field of another process has the same state.</summary>
/// <remarks>
/// Only fields are examined: all must be read-only, and so must the fields of all objects that they refer to. Arrays and delegates count as
/// immutable, because an object that is created once and stored in a static field rarely changes them. Of the .NET collections, only the
/// immutable and frozen ones count as immutable.
/// </remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class FixedState
{
    private const int MostObjects = 1000; // an object that refers to more is treated as data and copied

    private static readonly HashSet<string> leaves = new(StringComparer.Ordinal)
    {
        "System.String", "System.Uri", "System.Version", "System.Text.RegularExpressions.Regex", "System.Text.Encoding", "System.TimeZoneInfo",
        "System.StringComparer", "System.Globalization.CompareInfo", "System.Net.IPAddress", "System.Type", "System.Reflection.MemberInfo",
        "System.Reflection.Assembly", "System.Reflection.Module", "System.Delegate", "System.DBNull",
    };

    /// <summary>Whether neither the object nor any object that it refers to can change.</summary>
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

    // A captured primary constructor parameter is a field that C# cannot mark as read-only.
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
