using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Samovar.Cli.Map.Methods;

/// <summary>Creates parsers that convert an item's text to the method's parameter type.</summary>
internal static class ItemParsers
{
    /// <summary>Returns why text cannot be parsed as the type, phrased to follow "and"; null if it can be parsed.</summary>
    public static string? WhyNot(Type type)
    {
        string name = TypeText.Of(type);
        if (type.IsByRef) return "a ref, in or out argument cannot be parsed from text";
        if (type.IsByRefLike) return $"a {name} cannot be stored on the heap: take a string or an array";
        if (type.IsPointer || type.IsFunctionPointer || type == typeof(nint) || type == typeof(nuint)) return $"{name} is a memory address";
        if (typeof(Delegate).IsAssignableFrom(type)) return $"{name} is code, which cannot be parsed from text";
        if (typeof(Stream).IsAssignableFrom(type) || typeof(TextReader).IsAssignableFrom(type))
            return $"{name} cannot be parsed from text: take a FileInfo and open it";
        if (typeof(Task).IsAssignableFrom(type) || typeof(Type).IsAssignableFrom(type)) return $"{name} cannot be parsed from text";
        return IsScalar(type) || type.IsValueType || type == typeof(object) || typeof(JsonNode).IsAssignableFrom(type)
            || typeof(System.Collections.IEnumerable).IsAssignableFrom(type) || !type.IsAbstract && type.GetConstructors().Length > 0
            ? null
            : $"{name} has no public constructor that JSON deserialization can call";
    }

    /// <inheritdoc cref="TextValues.IsScalar"/>
    public static bool IsScalar(Type type) => TextValues.IsScalar(type);

    /// <summary>Creates a parser. Its exceptions describe the value it expected.</summary>
    /// <param name="form">The format of the text.</param>
    /// <param name="parameter">The parameter that receives the value; its nullability decides whether null is allowed.</param>
    public static Func<string, T> For<T>(ItemFormat form, ParameterInfo parameter)
    {
        if (form == ItemFormat.Text && IsScalar(typeof(T))) return TextValues.For<T>();
        Func<string, T> parse = Json<T>(form == ItemFormat.Fields ? ValueJson.Fields : ValueJson.Reading, parameter);
        return typeof(T) == typeof(string) ? (Func<string, T>)(object)AnyValue((Func<string, string>)(object)parse) : parse;
    }

    // A string parameter accepts any JSON value: a JSON string gives its content, null gives null, every other value gives its JSON text.
    private static Func<string, string> AnyValue(Func<string, string> parse) => json =>
    {
        if (json is ['"', ..] or "null") return parse(json);
        using JsonDocument whole = JsonDocument.Parse(json); // throws if the text is not valid JSON
        return json;
    };

    private static Func<string, T> Json<T>(JsonSerializerOptions options, ParameterInfo parameter)
    {
        bool takesNull = typeof(T).IsValueType || new NullabilityInfoContext().Create(parameter).WriteState != NullabilityState.NotNull;
        return text =>
        {
            T? value = JsonSerializer.Deserialize<T>(text, options);
            return value is null && !takesNull ? throw new FormatException("null is not allowed.") : value!;
        };
    }
}
