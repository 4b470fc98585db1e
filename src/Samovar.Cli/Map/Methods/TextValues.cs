using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Numerics;
using System.Reflection;
using System.Text;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Map.Methods;

/// <summary>Parses scalar values from text, with the same rules for lines, command-line arguments, CSV fields and JSON strings.</summary>
/// <remarks>The culture is invariant. Numbers have no thousands separators, dates and times are ISO 8601, and enum values are names or the numbers of
/// defined values. Leading and trailing whitespace is ignored, except for strings, characters, paths, URIs and user-defined types. All other text is
/// rejected.</remarks>
internal static class TextValues
{
    private const int MostFractionDigits = 7; // ticks, the resolution of DateTime

    private static readonly string[] s_moments =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK",
    ];

    private static readonly string[] s_times = ["HH:mm", "HH:mm:ss", "HH:mm:ss.FFFFFFF"];

    /// <summary>Whether a value of the type is parsed from a single text, as opposed to a JSON object or array.</summary>
    public static bool IsScalar(Type type)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain == typeof(string) || plain.IsEnum || plain == typeof(Uri) || plain == typeof(FileInfo) || plain == typeof(DirectoryInfo)
            || plain == typeof(Rune) || plain == typeof(PhysicalAddress) || IsParsable(plain);
    }

    /// <summary>Whether the type implements <see cref="IParsable{TSelf}"/> for itself.</summary>
    public static bool IsParsable(Type type) => Implements(type, typeof(IParsable<>));

    /// <summary>Whether JSON writes values of the type as numbers.</summary>
    public static bool IsNumber(Type type) => type != typeof(char) && IsSystem(type) && Implements(type, typeof(INumber<>));

    /// <summary>Whether the type is in the <c>System</c> namespace or a namespace below it.</summary>
    public static bool IsSystem(Type type) => type.Namespace is { } space && (space == "System" || space.StartsWith("System.", StringComparison.Ordinal));

    /// <summary>Creates a parser for a scalar type. Its exceptions describe the value it expected.</summary>
    public static Func<string, T> For<T>()
    {
        Type plain = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        Delegate parser =
            plain == typeof(string) ? (Func<string, string>)(static text => text)
            : plain == typeof(Uri) ? (Func<string, Uri>)(static text => new Uri(text, UriKind.RelativeOrAbsolute))
            : plain == typeof(FileInfo) ? (Func<string, FileInfo>)(static text => new FileInfo(text))
            : plain == typeof(DirectoryInfo) ? (Func<string, DirectoryInfo>)(static text => new DirectoryInfo(text))
            : plain == typeof(bool) ? (Func<string, bool>)Bool
            : plain == typeof(DateTime) ? (Func<string, DateTime>)Moment
            : plain == typeof(DateTimeOffset) ? (Func<string, DateTimeOffset>)MomentWithOffset
            : plain == typeof(DateOnly) ? (Func<string, DateOnly>)Date
            : plain == typeof(TimeOnly) ? (Func<string, TimeOnly>)Time
            : plain == typeof(TimeSpan) ? (Func<string, TimeSpan>)Span
            : plain == typeof(IPAddress) ? (Func<string, IPAddress>)Address
            : plain == typeof(PhysicalAddress) ? (Func<string, PhysicalAddress>)Hardware
            : plain == typeof(Rune) ? (Func<string, Rune>)Character
            : Generic(plain.IsEnum ? nameof(EnumOf) : IsNumber(plain) ? nameof(Number) : nameof(Parse), plain);
        return plain == typeof(T) ? (Func<string, T>)parser : (Func<string, T>)Generic(nameof(OrNull), plain, parser);
    }

    private static Delegate Generic(string method, Type type, params object[] arguments) =>
        (Delegate)typeof(TextValues).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type).Invoke(null, arguments)!;

    private static Func<string, T?> OrNull<T>(Func<string, T> parse)
        where T : struct => text => text is "" or "null" ? null : parse(text);

    private static Func<string, T> Parse<T>()
        where T : IParsable<T>
    {
        // The Parse method of a user-defined type decides how to treat whitespace, and a char may be whitespace.
        bool trims = IsSystem(typeof(T)) && typeof(T) != typeof(char);
        return text => T.Parse(trims ? text.Trim() : text, CultureInfo.InvariantCulture);
    }

    private static Func<string, T> Number<T>()
        where T : INumber<T>
    {
        NumberStyles styles = Implements(typeof(T), typeof(IBinaryInteger<>))
            ? NumberStyles.AllowLeadingSign
            : NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return text =>
        {
            T value = T.Parse(text.Trim(), styles, CultureInfo.InvariantCulture);
            return T.IsInfinity(value) && text.AsSpan().ContainsAnyInRange('0', '9')
                ? throw new OverflowException($"'{text}' is too large for a {TypeText.Of(typeof(T))}.")
                : value;
        };
    }

    private static Func<string, T> EnumOf<T>()
        where T : struct, Enum
    {
        bool hasFlags = typeof(T).IsDefined(typeof(FlagsAttribute), inherit: false);
        var exact = new Dictionary<string, string>(StringComparer.Ordinal);
        var loose = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in Enum.GetNames<T>())
        {
            string? alias = typeof(T).GetField(name)!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name;
            foreach (string known in (string[])[name, .. alias is null ? (string[])[] : [alias]])
            {
                exact.TryAdd(known, name);
                loose.TryAdd(known, name);
            }
        }

        return text =>
        {
            string[] parts = hasFlags ? text.Split(',', StringSplitOptions.TrimEntries) : [text.Trim()];
            for (int i = 0; i < parts.Length; i++)
            {
                if (exact.GetValueOrDefault(parts[i]) is { } name || (name = loose.GetValueOrDefault(parts[i])) is not null) parts[i] = name;
                else if (parts.Length > 1 || !IsDefinedNumber<T>(parts[i])) throw new FormatException($"'{text}' is not one of {string.Join(", ", Enum.GetNames<T>())}.");
            }

            return Enum.Parse<T>(string.Join(',', parts));
        };
    }

    // The number of a defined value, or of a combination of flags, formats as names.
    private static bool IsDefinedNumber<T>(string text)
        where T : struct, Enum =>
        text.Length > 0 && (char.IsAsciiDigit(text[0]) || text[0] == '-')
        && Enum.TryParse(text, out T value) && (Enum.IsDefined(value) || !(char.IsAsciiDigit(value.ToString()[0]) || value.ToString()[0] == '-'));

    private static bool Bool(string text) => text.AsSpan().Trim() switch
    {
        "1" => true,
        "0" => false,
        var word when bool.TryParse(word, out bool value) => value,
        _ => throw new FormatException($"'{text}' is not true, false, 1 or 0."),
    };

    // The result does not depend on the machine's time zone: a time with an offset is converted to UTC, a time without one stays unspecified.
    private static DateTime Moment(string text) =>
        DateTime.TryParseExact(Ticks(text), s_moments, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out DateTime value)
            ? value
            : throw NoMoment(text);

    private static DateTimeOffset MomentWithOffset(string text) =>
        DateTimeOffset.TryParseExact(Ticks(text), s_moments, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset value)
            ? value
            : throw NoMoment(text);

    private static FormatException NoMoment(string text) => new($"'{text}' is not a date and time such as 2026-01-31T12:30:00Z or 2026-01-31.");

    private static DateOnly Date(string text) =>
        DateOnly.TryParseExact(text.AsSpan().Trim(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly value)
            ? value
            : throw new FormatException($"'{text}' is not a date such as 2026-01-31.");

    private static TimeOnly Time(string text) =>
        TimeOnly.TryParseExact(Ticks(text), s_times, CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly value)
            ? value
            : throw new FormatException($"'{text}' is not a time of day such as 13:45 or 13:45:59.5.");

    // A colon is required, because TimeSpan would parse a plain number as days.
    private static TimeSpan Span(string text) =>
        text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParseExact(Ticks(text), "c", CultureInfo.InvariantCulture, out TimeSpan value)
            ? value
            : throw new FormatException($"'{text}' is not a time span such as 01:30:00 or 2.12:00:00.");

    // IPAddress.Parse accepts 1 as 0.0.0.1 and reads 010 as octal 8.
    private static IPAddress Address(string text)
    {
        string trimmed = text.Trim();
        var value = IPAddress.Parse(trimmed);
        return trimmed.Contains(':', StringComparison.Ordinal) || value.ToString() == trimmed
            ? value
            : throw new FormatException($"'{text}' is not an IP address such as 192.0.2.1 or 2001:db8::1.");
    }

    // PhysicalAddress.TryParse accepts an empty text as an address of no bytes.
    private static PhysicalAddress Hardware(string text) =>
        PhysicalAddress.TryParse(text.AsSpan().Trim(), out PhysicalAddress? value) && value.GetAddressBytes().Length > 0
            ? value
            : throw new FormatException($"'{text}' is not a hardware address such as 00-11-22-33-44-55.");

    // The text is not trimmed, because the character may be whitespace.
    private static Rune Character(string text) =>
        Rune.DecodeFromUtf16(text, out Rune value, out int length) == OperationStatus.Done && length == text.Length
            ? value
            : throw new FormatException($"'{text}' is not one character.");

    /// <summary>Trims the text and cuts fractions of a second that are smaller than a tick.</summary>
    private static string Ticks(string text)
    {
        string trimmed = text.Trim();
        int point = trimmed.LastIndexOf('.');
        if (point < 0) return trimmed;
        int end = point + 1;
        while (end < trimmed.Length && char.IsAsciiDigit(trimmed[end])) end++;
        int kept = point + 1 + MostFractionDigits;
        return end > kept ? string.Concat(trimmed.AsSpan(0, kept), trimmed.AsSpan(end)) : trimmed;
    }

    private static bool Implements(Type type, Type open) => type.GetInterfaces().Any(i =>
        i.IsGenericType && i.GetGenericTypeDefinition() == open && i.GetGenericArguments()[0] == type);
}
