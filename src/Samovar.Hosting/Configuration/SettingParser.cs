using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Samovar.Hosting.Configuration;

/// <summary>Converts the values of a configuration to the types of options. Each error names the key, its value, and what is expected.</summary>
internal static class SettingParser
{
    private const string Infinite = "Infinite";

    public static bool CanParse(Type type) =>
        type == typeof(ClusterKeys) || type == typeof(ResourceAmounts) || type == typeof(IReadOnlyList<int>) || type == typeof(IReadOnlyDictionary<string, string?>) || IsSingle(Nullable.GetUnderlyingType(type) ?? type);

    /// <summary>Returns the value of a key.</summary>
    /// <exception cref="FormatException">The value is not of the type.</exception>
    public static object? Parse(Type type, IConfigurationSection key)
    {
        if (type == typeof(IReadOnlyList<int>)) return ParseList(key);
        if (type == typeof(IReadOnlyDictionary<string, string?>)) return ParsePairs(key);
        if (type == typeof(ResourceAmounts)) return ParseAmounts(key);
        if (key.GetChildren().Any()) throw new FormatException($"{key.Path} is a section: a single value is expected.");

        var bare = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return key.Value;
        if (type == typeof(ClusterKeys)) return ParseKeys(key);
        if (string.IsNullOrEmpty(key.Value) && bare != type) return null;
        return ParseSingle(bare, key);
    }

    /// <summary>Returns the value of a key as an error shows it.</summary>
    public static string Text(IConfigurationSection key) =>
        key.GetChildren().Select(static child => $"{child.Key}={child.Value}").ToList() is { Count: > 0 } children ? $"'{string.Join(", ", children)}'"
        : key.Value is { } value ? $"'{value}'" : "null";

    private static readonly string[] s_timeFormats = [@"h\:mm", @"h\:mm\:ss", @"h\:mm\:ss\.FFFFFFF", @"d\.hh\:mm\:ss", @"d\.hh\:mm\:ss\.FFFFFFF"];

    private static bool IsSingle(Type type) =>
        type.IsEnum || type == typeof(int) || type == typeof(long) || type == typeof(bool) || type == typeof(TimeSpan) || type == typeof(string);

    private static object ParseSingle(Type type, IConfigurationSection key)
    {
        string text = key.Value?.Trim() ?? "";
        if (type == typeof(int)) return int.TryParse(text, CultureInfo.InvariantCulture, out int number) ? number : throw Expects(key, "a whole number");
        if (type == typeof(long)) return long.TryParse(text, CultureInfo.InvariantCulture, out long number) ? number : throw Expects(key, "a whole number");
        if (type == typeof(bool)) return bool.TryParse(text, out bool flag) ? flag : throw Expects(key, "true or false");
        if (type == typeof(TimeSpan)) return ParseTime(text, key);
        return Enum.GetNames(type).FirstOrDefault(name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase)) is { } member
            ? Enum.Parse(type, member)
            : throw Expects(key, $"one of {string.Join(", ", Enum.GetNames(type))}");
    }

    // Exact, because TimeSpan.Parse reads a number alone as days, and 24:00:00 as 24 days.
    private static TimeSpan ParseTime(string text, IConfigurationSection key)
    {
        if (string.Equals(text, Infinite, StringComparison.OrdinalIgnoreCase)) return Timeout.InfiniteTimeSpan;
        return TimeSpan.TryParseExact(text, s_timeFormats, CultureInfo.InvariantCulture, out var time)
            ? time
            : throw Expects(key, $"a time as hours, minutes and seconds, such as 00:00:30, or {Infinite}");
    }

    /// <summary>The error does not contain the value, which is secret.</summary>
    private static ClusterKeys ParseKeys(IConfigurationSection key)
    {
        try
        {
            return ClusterKeys.Parse(key.Value ?? "");
        }
        catch (FormatException error)
        {
            throw new FormatException($"{key.Path} is no ring of keys, such as name1:secret1,name2:secret2. {error.Message}", error);
        }
    }

    private static List<int> ParseList(IConfigurationSection key)
    {
        if (!string.IsNullOrEmpty(key.Value)) throw Expects(key, $"a list, with keys such as {key.Path}:0");
        return [.. key.GetChildren().Select(static item => (int)ParseSingle(typeof(int), item))];
    }

    private static ResourceAmounts ParseAmounts(IConfigurationSection key)
    {
        if (!string.IsNullOrEmpty(key.Value)) throw Expects(key, $"a section, with keys such as {key.Path}:gpu");
        var amounts = new ResourceAmounts();
        foreach (var resource in key.GetChildren())
        {
            if (!double.TryParse(resource.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double amount)) throw Expects(resource, "a number");
            try
            {
                amounts.Add(resource.Key, amount);
            }
            catch (ArgumentException)
            {
                throw Expects(resource, $"an amount from 0.0001 to {ResourceAmounts.LargestAmount:0}, for a name of at most 64 characters");
            }
        }

        return amounts;
    }

    private static Dictionary<string, string?> ParsePairs(IConfigurationSection key)
    {
        if (!string.IsNullOrEmpty(key.Value)) throw Expects(key, $"a section, with keys such as {key.Path}:NAME");
        if (key.GetChildren().FirstOrDefault(static pair => pair.GetChildren().Any()) is { } nested) throw Expects(nested, "a text, not a section");
        return key.GetChildren().ToDictionary(static pair => pair.Key, static pair => pair.Value, StringComparer.Ordinal);
    }

    private static FormatException Expects(IConfigurationSection key, string what) => new($"{key.Path} is {Text(key)}: it must be {what}.");
}
