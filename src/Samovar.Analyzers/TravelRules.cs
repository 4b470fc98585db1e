using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;

namespace Samovar.Analyzers;

/// <summary>Determines from static types whether a value can travel to another process.</summary>
/// <remarks>One instance per compilation; safe for any thread.</remarks>
internal sealed class TravelRules
{
    // Deeper objects are left to the run-time check, which examines the values and not only their declared types.
    private const int MaxDepth = 4;

    private readonly Dictionary<ISymbol, NonTravellingType> _refused = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<ITypeSymbol, Obstacle?> _decided = new(SymbolEqualityComparer.Default);
    private readonly INamedTypeSymbol? _progress;
    private readonly INamedTypeSymbol? _shipWith;
    private readonly IAssemblySymbol _source;

    public TravelRules(Compilation compilation)
    {
        _source = compilation.Assembly;
        _progress = compilation.GetTypeByMetadataName("System.IProgress`1");
        _shipWith = compilation.GetTypeByMetadataName("Samovar.Serialization.ShipWithAttribute");
        foreach (var entry in NonTravellingTypes.All)
        {
            foreach (var type in compilation.GetTypesByMetadataName(entry.MetadataName)) _refused[type] = entry;
        }
    }

    /// <summary>Returns the reason why a value of a type cannot travel; null if it can, or if that cannot be determined.</summary>
    public Obstacle? ObstacleIn(ITypeSymbol? type) =>
        type is null ? null : _decided.GetOrAdd(type, t => Search(t, "", MaxDepth, new(SymbolEqualityComparer.Default)));

    private Obstacle? Search(ITypeSymbol type, string path, int depth, HashSet<ITypeSymbol> above)
    {
        switch (type)
        {
            case IPointerTypeSymbol or IFunctionPointerTypeSymbol:
                return new Obstacle(NonTravellingTypes.Pointer, type, path);
            case IArrayTypeSymbol array:
                return Search(array.ElementType, path + "[]", depth, above);
            case ITypeParameterSymbol parameter:
                return FirstOf(parameter.ConstraintTypes, path, depth, above);
        }

        if (type is not INamedTypeSymbol named || named.TypeKind is TypeKind.Delegate or TypeKind.Enum or TypeKind.Error)
            return null;
        if (HasCodec(named)) return null;
        if (EntryFor(named) is { } entry) return new Obstacle(entry, named, path);
        if (IsConnectedBack(named) || depth == 0 || !above.Add(named)) return null;

        var obstacle = SearchParts(named, path, depth, above);
        above.Remove(named);
        return obstacle;
    }

    private Obstacle? SearchParts(INamedTypeSymbol type, string path, int depth, HashSet<ITypeSymbol> above)
    {
        if (type.IsTupleType)
        {
            foreach (var element in type.TupleElements)
            {
                if (Search(element.Type, $"{path}.{element.Name}", depth - 1, above) is { } obstacle) return obstacle;
            }
            return null;
        }

        if (type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
            return Search(type.TypeArguments[0], path, depth - 1, above);

        return SearchElements(type, path, depth, above) ?? SearchFields(type, path, depth, above);
    }

    // The fields of .NET's own collections are not visible to the compiler, so the element type is taken from IEnumerable<T>.
    private Obstacle? SearchElements(INamedTypeSymbol type, string path, int depth, HashSet<ITypeSymbol> above)
    {
        if (type.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T)
            return Search(type.TypeArguments[0], path + "[]", depth - 1, above);
        foreach (var face in type.AllInterfaces)
        {
            if (face.OriginalDefinition.SpecialType != SpecialType.System_Collections_Generic_IEnumerable_T) continue;
            var element = face.TypeArguments[0];
            var obstacle = element is INamedTypeSymbol { Name: "KeyValuePair", TypeArguments.Length: 2 } pair
                ? FirstOf(pair.TypeArguments, path + "[]", depth - 1, above)
                : Search(element, path + "[]", depth - 1, above);
            if (obstacle is not null) return obstacle;
        }
        return null;
    }

    // Only for types in this compilation: the private fields of a referenced type can be visible to an editor but not to the compiler, and a
    // rule must report the same in both.
    private Obstacle? SearchFields(ITypeSymbol type, string path, int depth, HashSet<ITypeSymbol> above)
    {
        for (var t = type; t is not null && SymbolEqualityComparer.Default.Equals(t.ContainingAssembly, _source); t = t.BaseType)
        {
            foreach (var member in t.GetMembers())
            {
                if (member is IFieldSymbol { IsStatic: false } field
                    && Search(field.Type, $"{path}.{NameOf(field)}", depth - 1, above) is { } obstacle)
                {
                    return obstacle;
                }
            }
        }
        return null;
    }

    // A captured primary constructor parameter is a field with a name such as `<pool>P`.
    private static string NameOf(IFieldSymbol field)
    {
        if (field.AssociatedSymbol is { } property) return property.Name;
        return field.CanBeReferencedByName ? field.Name : field.Name.Split('<', '>').First(part => part.Length > 0);
    }

    private Obstacle? FirstOf(IEnumerable<ITypeSymbol> types, string path, int depth, HashSet<ITypeSymbol> above)
    {
        foreach (var type in types)
        {
            if (Search(type, path, depth, above) is { } obstacle) return obstacle;
        }
        return null;
    }

    private NonTravellingType? EntryFor(INamedTypeSymbol type)
    {
        for (var t = type; t is not null; t = t.BaseType)
        {
            if (_refused.TryGetValue(t.OriginalDefinition, out var entry)) return entry;
        }
        foreach (var face in type.AllInterfaces)
        {
            if (_refused.TryGetValue(face.OriginalDefinition, out var entry)) return entry;
        }
        return null;
    }

    private bool HasCodec(INamedTypeSymbol type)
    {
        for (var t = _shipWith is null ? null : type; t is not null; t = t.BaseType)
        {
            if (t.GetAttributes().Any(a => SymbolEqualityComparer.Default.Equals(a.AttributeClass, _shipWith))) return true;
        }
        return false;
    }

    private bool IsConnectedBack(INamedTypeSymbol type) =>
        SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, _progress)
        || type.AllInterfaces.Any(i => SymbolEqualityComparer.Default.Equals(i.OriginalDefinition, _progress));
}

/// <summary>A value that cannot travel, and the path to it.</summary>
internal sealed class Obstacle(NonTravellingType why, ITypeSymbol type, string path)
{
    public NonTravellingType Why { get; } = why;

    /// <summary>The type that cannot travel.</summary>
    public ITypeSymbol Type { get; } = type;

    /// <summary>
    /// The path from the examined value to the value that cannot travel: empty for the value itself, otherwise <c>.member</c> and <c>[]</c> parts.
    /// </summary>
    public string Path { get; } = path;
}
