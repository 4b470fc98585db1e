using System.Globalization;
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

    /// <summary>Whether a value is one word of text: not a JSON object or array.</summary>
    public static bool IsScalar(Type type)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain == typeof(string) || plain.IsEnum || plain == typeof(Uri) || plain == typeof(FileInfo) || plain == typeof(DirectoryInfo)
            || IsParsable(plain);
    }

    /// <summary>A parser, whose errors say what was expected.</summary>
    /// <param name="form">What the text is.</param>
    /// <param name="parameter">What takes the value.</param>
    public static Func<string, T> For<T>(ItemForm form, ParameterInfo parameter)
    {
        if (!IsScalar(typeof(T))) return Json<T>(form == ItemForm.Fields ? ValueJson.Fields : ValueJson.Reading, parameter);
        Func<string, T> fromText = Scalar<T>();
        if (form == ItemForm.Text) return fromText;
        return json => json.Length > 0 && json[0] == '"' ? fromText(JsonSerializer.Deserialize<string>(json)!) : fromText(json);
    }

    private static Func<string, T> Scalar<T>()
    {
        Type plain = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        Delegate parser =
            plain == typeof(string) ? (Func<string, string>)(static text => text)
            : plain == typeof(Uri) ? (Func<string, Uri>)(static text => new Uri(text, UriKind.RelativeOrAbsolute))
            : plain == typeof(FileInfo) ? (Func<string, FileInfo>)(static text => new FileInfo(text))
            : plain == typeof(DirectoryInfo) ? (Func<string, DirectoryInfo>)(static text => new DirectoryInfo(text))
            : Generic(plain.IsEnum ? nameof(ParseEnum) : nameof(Parse), plain);
        return plain == typeof(T) ? (Func<string, T>)parser : (Func<string, T>)Generic(nameof(OrNull), plain, parser);
    }

    private static Delegate Generic(string method, Type type, params object[] arguments) =>
        (Delegate)typeof(ItemParsers).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type).Invoke(null, arguments)!;

    private static Func<string, T> Parse<T>()
        where T : IParsable<T> => static text => T.Parse(text, CultureInfo.InvariantCulture);

    private static Func<string, T> ParseEnum<T>()
        where T : struct, Enum => static text => Enum.TryParse(text, ignoreCase: true, out T value)
            ? value
            : throw new FormatException($"'{text}' is none of {string.Join(", ", Enum.GetNames<T>())}.");

    private static Func<string, T?> OrNull<T>(Func<string, T> parse)
        where T : struct => text => text is "" or "null" ? null : parse(text);

    private static Func<string, T> Json<T>(JsonSerializerOptions options, ParameterInfo parameter)
    {
        bool takesNull = typeof(T).IsValueType || new NullabilityInfoContext().Create(parameter).WriteState != NullabilityState.NotNull;
        return text =>
        {
            T? value = JsonSerializer.Deserialize<T>(text, options);
            return value is null && !takesNull ? throw new FormatException("null is none.") : value!;
        };
    }

    private static bool IsParsable(Type type) => type.GetInterfaces().Any(i =>
        i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IParsable<>) && i.GetGenericArguments()[0] == type);
}
