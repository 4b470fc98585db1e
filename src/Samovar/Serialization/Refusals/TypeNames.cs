namespace Samovar.Serialization.Refusals;

/// <summary>Type names as a C# programmer writes them.</summary>
internal static class TypeNames
{
    public static string Short(Type type)
    {
        if (type.IsArray)
            return $"{Short(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (type.IsPointer)
            return Short(type.GetElementType()!) + "*";
        string name = type.Name;
        int tick = name.IndexOf('`', StringComparison.Ordinal);
        if (tick >= 0)
            name = name[..tick];
        return type.IsGenericType && tick >= 0 ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Short))}>" : name;
    }
}
