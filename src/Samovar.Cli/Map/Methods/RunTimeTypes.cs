using System.Collections;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Samovar.Cli.Map.Methods;

/// <summary>Writes objects as what they are at run time: what a derived type adds to its base is not dropped.</summary>
/// <remarks>An abstract class or an interface is never what a value is, so its values are written by their own type. A class that can be both gets
/// its derived types as contracts; one that is not among them is an error, not a value without its additions.</remarks>
internal sealed class RunTimeTypes : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        (typeToConvert.IsInterface || typeToConvert.IsAbstract)
        && !typeof(IEnumerable).IsAssignableFrom(typeToConvert) && !typeof(JsonNode).IsAssignableFrom(typeToConvert) && !IsUnwritable(typeToConvert)
        && !HasOwnContract(typeToConvert);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert))!;

    /// <summary>Adds the contracts of its derived types to that of a class of the user's.</summary>
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

    /// <summary>The classes that derive from a type or implement it, in all that its program has loaded.</summary>
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

    /// <summary>Whether JSON knows no value of such a type.</summary>
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
            return [.. e.Types.OfType<Type>()]; // no value can be of one that does not load
        }
    }

    private sealed class Converter<T> : JsonConverter<T>
        where T : class
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException($"{typeof(T)} is only written here.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value, value.GetType(), options);
    }
}
