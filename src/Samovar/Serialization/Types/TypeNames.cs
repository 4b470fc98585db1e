namespace Samovar.Serialization.Types;

/// <summary>Formats the names of types and members as they appear in C# source.</summary>
internal static class TypeNames
{
    public static string Short(Type type)
    {
        if (type.IsArray) return $"{Short(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (type.IsPointer) return Short(type.GetElementType()!) + "*";
        string name = type.Name;
        int tick = name.IndexOf('`', StringComparison.Ordinal);
        if (tick >= 0) name = name[..tick];
        return type.IsGenericType && tick >= 0 ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Short))}>" : name;
    }

    /// <summary>Returns the name under which a field appears in C# source; empty for the reference of a closure to an enclosing one.</summary>
    public static string MemberName(string field)
    {
        if (field.EndsWith("__this", StringComparison.Ordinal)) return "this";
        if (field.StartsWith("CS$<>8__locals", StringComparison.Ordinal)) return "";
        int end = field.IndexOf('>', StringComparison.Ordinal);
        return field.StartsWith('<') && end > 1 ? field[1..end] : field;
    }
}
