using Samovar.Serialization.Plans;

namespace Samovar.Serialization.Types;

/// <summary>Determines which value types have a format of their own instead of being written field by field.</summary>
internal static class WholeValues
{
    /// <summary>The names of those types. Names, so that a program that does not use the types does not load them; <see cref="ValueSlots"/>
    /// implements the formats.</summary>
    public static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "System.Numerics.BigInteger", "System.Text.Json.JsonElement", "System.Threading.CancellationToken", "System.Memory`1", "System.ReadOnlyMemory`1",
    };

    /// <summary>Whether the type is one of them, or is marked with a codec.</summary>
    public static bool Contain(Type type) => Names.Contains(NameOf(type)) || type.IsDefined(typeof(ShipWithAttribute), inherit: false);

    /// <summary>Returns the full name of a type, or of its definition if it is generic.</summary>
    public static string NameOf(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition().FullName : type.FullName) ?? "";
}
