using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Samovar.Primitives;

namespace Samovar.Serialization.Types;

/// <summary>Determines which fields of a type travel.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class TravellingFields
{
    /// <summary>The flags that select all instance fields that a type declares itself.</summary>
    public const BindingFlags Every = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Returns all instance fields of a type, base types first, except those marked with <see cref="NonSerializedAttribute"/>.</summary>
    public static List<FieldInfo> Of(Type type) => Of(type, typeof(object));

    /// <summary>Returns the fields of a type and of its base types up to, but not including, <paramref name="stop"/>.</summary>
    public static List<FieldInfo> Of(Type type, Type stop)
    {
        var fields = new List<FieldInfo>();
        for (var t = type; t is not null && t != stop && t != typeof(object) && t != typeof(ValueType); t = t.BaseType)
        {
            var own = t.GetFields(Every);
            Array.Sort(own, static (a, b) => a.MetadataToken.CompareTo(b.MetadataToken));
#pragma warning disable SYSLIB0050 // IsNotSerialized reads the attribute; it is not about the formatter
            fields.InsertRange(0, Array.FindAll(own, static f => !f.IsNotSerialized));
#pragma warning restore SYSLIB0050
        }

        return fields;
    }
}
