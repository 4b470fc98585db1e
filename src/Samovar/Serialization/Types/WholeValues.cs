using Samovar.Serialization.Plans;

namespace Samovar.Serialization.Types;

/// <summary>Which value types are written their own way instead of field by field.</summary>
internal static class WholeValues
{
    /// <summary>By name, so that a program that has none of them need not load them; <see cref="ValueSlots"/> has the way of each.</summary>
    public static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "System.Numerics.BigInteger", "System.Text.Json.JsonElement", "System.Threading.CancellationToken", "System.Memory`1", "System.ReadOnlyMemory`1",
    };

    /// <summary>Whether the type is one of them, or has a codec of its own.</summary>
    public static bool Contain(Type type) => Names.Contains(NameOf(type)) || type.IsDefined(typeof(ShipWithAttribute), inherit: false);

    /// <summary>The name of a type, or of its definition where it is generic.</summary>
    public static string NameOf(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition().FullName : type.FullName) ?? "";
}
