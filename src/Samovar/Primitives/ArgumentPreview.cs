using System.Globalization;

namespace Samovar.Primitives;

/// <summary>The values that a task works on, as a short text for people: what its delegate captured, and its first item. Calls no code of the program, and
/// does not throw: a value of a type that the program defines is shown by the name of the type.</summary>
internal static class ArgumentPreview
{
    /// <summary>The longest preview, in characters; a longer one is cut.</summary>
    public const int Longest = 200;

    private const int LongestText = 60;

    /// <summary>Returns, for example, <c>path = "a.csv", size = 12, table = byte[4,000]</c>; null if there are no values.</summary>
    public static string? Of(Delegate work) => Join(CapturedData.Of(work));

    /// <summary>Returns the preview of the items of a map that run as one task.</summary>
    public static string? Of(IItemWork items)
    {
        var values = CapturedData.Of(items.Work);
        if (items.Count > 0) values.Insert(0, (items.Count == 1 ? "item" : $"the first of {items.Count} items", typeof(object), items.First));
        return Join(values);
    }

    private static string? Join(List<(string Name, Type Type, object? Value)> values)
    {
        if (values.Count == 0) return null;
        string text = string.Join(", ", values.Select(static captured => $"{captured.Name} = {TextOf(captured.Value)}"));
        return text.Length <= Longest ? text : string.Concat(text.AsSpan(0, Longest), "…");
    }

    private static string TextOf(object? value) => value switch
    {
        null => "null",
        string { Length: > LongestText } text => string.Create(CultureInfo.InvariantCulture, $"\"{text.AsSpan(0, LongestText)}…\" ({text.Length:N0} characters)"),
        string text => $"\"{text}\"",
        char letter => $"'{letter}'",
        bool answer => answer ? "true" : "false",
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal or Guid or TimeSpan => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        Enum choice => choice.ToString(),
        Array array => string.Create(CultureInfo.InvariantCulture, $"{CapturedData.NameOf(array.GetType().GetElementType()!)}[{array.LongLength:N0}]"),
        _ => CapturedData.NameOf(value.GetType()),
    };
}
