using System.Reflection;

namespace Samovar.Serialization.Types;

/// <summary>Which fields of a type travel.</summary>
internal static class TravellingFields
{
    /// <summary>How to ask a type for all instance fields that it declares itself.</summary>
    public const BindingFlags Every = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>All instance fields of a type, base types first; those marked <see cref="NonSerializedAttribute"/> stay behind at the owner's word.</summary>
    public static List<FieldInfo> Of(Type type) => Of(type, typeof(object));

    /// <summary>The fields of a type and its bases up to, without, <paramref name="stop"/>.</summary>
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
