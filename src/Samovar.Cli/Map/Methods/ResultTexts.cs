using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Samovar.Cli.Map.Methods;

/// <summary>Creates formatters that convert a method's result to text.</summary>
internal static class ResultTexts
{
    private static readonly ConcurrentDictionary<Type, Func<object, string?>> s_ofRunTimeType = new();

    /// <summary>Creates a formatter for a declared result type. If it returns null, no line is written.</summary>
    public static Func<T, string?> For<T>(ResultForm form)
    {
        if (form == ResultForm.Json) return Json<T>();
        if (typeof(T) == typeof(string)) return (Func<T, string?>)(object)(Func<string?, string?>)(static text => text);

        Type plain = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        if (Text(plain) is { } text) return value => value is null ? null : text(value);
        if (!IsOpen(plain))
        {
            Func<T, string?> json = Json<T>();
            return value => value is null ? null : json(value);
        }

        // The value's run-time type may be derived from the declared type.
        return static value => value is null ? null : s_ofRunTimeType.GetOrAdd(value.GetType(), OfRunTimeType)(value);
    }

    private static Func<object, string?> OfRunTimeType(Type type) =>
        type == typeof(string) ? static value => (string)value : Text(type) ?? (value => JsonSerializer.Serialize(value, type, ValueJson.Writing));

    // Returns a formatter for types that are written as plain text; null for types that are written as JSON.
    private static Func<object, string?>? Text(Type type)
    {
        if (type == typeof(bool)) return static value => (bool)value ? "true" : "false";
        if (type == typeof(DateTime) || type == typeof(DateTimeOffset) || type == typeof(DateOnly) || type == typeof(TimeOnly))
            return static value => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture); // the default format is not exact
        if (typeof(FileSystemInfo).IsAssignableFrom(type)) return static value => ((FileSystemInfo)value).FullName;
        if (typeof(Uri).IsAssignableFrom(type)) return static value => ((Uri)value).OriginalString; // as in JSON; ToString unescapes characters
        if (type.IsPrimitive || type.IsEnum || type.Namespace == nameof(System) && typeof(IFormattable).IsAssignableFrom(type))
            return static value => value is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : value.ToString();
        return LosslessTexts.For(type);
    }

    private static Func<T, string> Json<T>() => IsOpen(typeof(T))
        ? static value => JsonSerializer.Serialize(value, value?.GetType() ?? typeof(T), ValueJson.Writing)
        : static value => JsonSerializer.Serialize(value, ValueJson.Writing);

    // Whether a value can have a derived type with additional members. Collections are excluded: they are written as their elements.
    private static bool IsOpen(Type type) =>
        (type.IsClass || type.IsInterface) && !type.IsSealed && LosslessTexts.For(type) is null
        && ValueJson.Declared.GetTypeInfo(type).Kind is JsonTypeInfoKind.Object or JsonTypeInfoKind.None
        && !typeof(System.Text.Json.Nodes.JsonNode).IsAssignableFrom(type);
}
