using System.Globalization;
using System.Text.Json;

namespace Samovar.Cli.Map.Methods;

/// <summary>Makes text of a method's result.</summary>
internal static class ResultTexts
{
    /// <summary>A formatter; null from it is no line at all.</summary>
    public static Func<T, string?> For<T>(ResultForm form)
    {
        if (form == ResultForm.Json) return static value => JsonSerializer.Serialize(value, ValueJson.Writing);

        Type plain = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        if (typeof(T) == typeof(string)) return (Func<T, string?>)(object)(Func<string?, string?>)(static text => text);
        if (plain == typeof(DateTime) || plain == typeof(DateTimeOffset))
            return static value => ((IFormattable?)value)?.ToString("O", CultureInfo.InvariantCulture);
        if (typeof(FileSystemInfo).IsAssignableFrom(plain)) return static value => ((FileSystemInfo?)(object?)value)?.FullName;
        if (plain.IsPrimitive || plain.IsEnum || plain == typeof(Uri) || plain.Namespace == nameof(System) && typeof(IFormattable).IsAssignableFrom(plain))
        {
            return static value => value is bool flag ? (flag ? "true" : "false")
                : value is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : value?.ToString();
        }

        return static value => value is null ? null : JsonSerializer.Serialize(value, ValueJson.Writing);
    }
}
