using System.Collections;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Samovar.Cli.Map.Methods;

/// <summary>Writes objects by their run-time type, so that members of derived types are not dropped.</summary>
/// <remarks>This converter handles abstract classes and interfaces, which are never the run-time type of a value. A non-abstract class can be both
/// the declared and the run-time type, so <see cref="AddDerived"/> registers its derived types in its contract. Writing an unregistered derived
/// type fails instead of dropping members.</remarks>
internal sealed class RunTimeTypes : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        (typeToConvert.IsInterface || typeToConvert.IsAbstract)
        && !typeof(IEnumerable).IsAssignableFrom(typeToConvert) && !typeof(JsonNode).IsAssignableFrom(typeToConvert) && !IsUnwritable(typeToConvert)
        && !HasOwnContract(typeToConvert);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert))!;

    /// <summary>Registers the derived types of a user-defined class in its contract.</summary>
    public static void AddDerived(JsonTypeInfo info)
    {
        Type type = info.Type;
        if (info.Kind != JsonTypeInfoKind.Object || !type.IsClass || type.IsSealed || type.IsAbstract || TextValues.IsSystem(type)
            || info.PolymorphismOptions is not null || HasOwnContract(type))
        {
            return;
        }

        var options = new JsonPolymorphismOptions { UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization };
        foreach (Type contract in (Type[])[type, .. DerivedFrom(type)]) options.DerivedTypes.Add(new JsonDerivedType(contract));
        info.PolymorphismOptions = options;
    }

    /// <summary>Returns the non-abstract types that derive from a type or implement it, in the assemblies of the type's load context.</summary>
    public static IReadOnlyList<Type> DerivedFrom(Type type)
    {
        string? name = type.Assembly.GetName().Name;
        return
        [
            .. from assembly in AssemblyLoadContext.GetLoadContext(type.Assembly)?.Assemblies ?? [type.Assembly]
               where assembly == type.Assembly || assembly.GetReferencedAssemblies().Any(r => r.Name == name)
               from derived in Types(assembly)
               where derived != type && !derived.IsAbstract && !derived.ContainsGenericParameters && type.IsAssignableFrom(derived)
               select derived,
        ];
    }

    /// <summary>Whether values of the type can never be written as JSON.</summary>
    public static bool IsUnwritable(Type type) =>
        typeof(MemberInfo).IsAssignableFrom(type) || typeof(Delegate).IsAssignableFrom(type) || typeof(Stream).IsAssignableFrom(type);

    private static bool HasOwnContract(Type type) =>
        type.IsDefined(typeof(JsonConverterAttribute), inherit: false) || type.IsDefined(typeof(JsonDerivedTypeAttribute), inherit: false)
        || type.IsDefined(typeof(JsonPolymorphicAttribute), inherit: false);

    private static Type[] Types(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            return [.. e.Types.OfType<Type>()]; // a type that does not load has no values
        }
    }

    private sealed class Converter<T> : JsonConverter<T>
        where T : class
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException($"This converter writes {typeof(T)} values; it cannot read them.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value, value.GetType(), options);
    }
}
