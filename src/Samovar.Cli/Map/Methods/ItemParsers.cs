using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Samovar.Cli.Map.Methods;

/// <summary>Makes a value of the method's parameter type from the text of an item.</summary>
internal static class ItemParsers
{
    /// <summary>Why no text can become such a value, in words that follow "and"; null where it can.</summary>
    public static string? WhyNot(Type type)
    {
        string name = TypeText.Of(type);
        if (type.IsByRef) return "a value for ref, in or out cannot be made from text";
        if (type.IsByRefLike) return $"a {name} cannot be kept: take a string or an array";
        if (type.IsPointer || type.IsFunctionPointer || type == typeof(nint) || type == typeof(nuint)) return $"{name} is an address";
        if (typeof(Delegate).IsAssignableFrom(type)) return $"{name} is code, which cannot be made from text";
        if (typeof(Stream).IsAssignableFrom(type) || typeof(TextReader).IsAssignableFrom(type))
            return $"{name} cannot be made from text: take a FileInfo and open it";
        if (typeof(Task).IsAssignableFrom(type) || typeof(Type).IsAssignableFrom(type)) return $"{name} cannot be made from text";
        return IsScalar(type) || type.IsValueType || type == typeof(object) || typeof(JsonNode).IsAssignableFrom(type)
            || typeof(System.Collections.IEnumerable).IsAssignableFrom(type) || !type.IsAbstract && type.GetConstructors().Length > 0
            ? null
            : $"{name} has no public constructor that JSON could fill";
    }

    /// <inheritdoc cref="TextValues.IsScalar"/>
    public static bool IsScalar(Type type) => TextValues.IsScalar(type);

    /// <summary>A parser, whose errors say what was expected.</summary>
    /// <param name="form">What the text is.</param>
    /// <param name="parameter">What takes the value.</param>
    public static Func<string, T> For<T>(ItemFormat form, ParameterInfo parameter)
    {
        if (form == ItemFormat.Text && IsScalar(typeof(T))) return TextValues.For<T>();
        Func<string, T> parse = Json<T>(form == ItemFormat.Fields ? ValueJson.Fields : ValueJson.Reading, parameter);
        return typeof(T) == typeof(string) ? (Func<string, T>)(object)AnyValue((Func<string, string>)(object)parse) : parse;
    }

    // Text may be any value of JSON: of a string its content, of null null, of everything else what is written there.
    private static Func<string, string> AnyValue(Func<string, string> parse) => json =>
    {
        if (json is ['"', ..] or "null") return parse(json);
        using JsonDocument whole = JsonDocument.Parse(json); // what is no JSON is refused, not taken for text
        return json;
    };

    private static Func<string, T> Json<T>(JsonSerializerOptions options, ParameterInfo parameter)
    {
        bool takesNull = typeof(T).IsValueType || new NullabilityInfoContext().Create(parameter).WriteState != NullabilityState.NotNull;
        return text =>
        {
            T? value = JsonSerializer.Deserialize<T>(text, options);
            return value is null && !takesNull ? throw new FormatException("null is none.") : value!;
        };
    }
}
