using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Samovar.Executors.Mapping;

/// <summary>Describes items of a map on one line.</summary>
internal static class ItemText
{
    /// <summary>The maximum length.</summary>
    public const int Longest = 100;

    /// <summary>Returns the text of an item, without control characters and at most <see cref="Longest"/> characters long. Does not throw.</summary>
    /// <param name="item">The item.</param>
    /// <param name="describe">Returns the text; null for <c>ToString</c>, in the invariant culture.</param>
    [SuppressMessage("Design", "CA1031", Justification = "ToString is code of the program; its error must not affect the map.")]
    public static string Of(object? item, Func<object?, string?>? describe)
    {
        try
        {
            string? text = describe is not null ? describe(item) : Text(item);
            return Cut(text ?? "");
        }
        catch (Exception error)
        {
            return Cut($"({item?.GetType().Name ?? "null"}, whose description threw {error.GetType().Name})");
        }
    }

    private static string? Text(object? item) => item switch
    {
        null => "null",
        string text => text,
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => item.ToString(),
    };

    private static string Cut(string text)
    {
        bool isLong = text.Length > Longest;
        int length = isLong ? Longest - 1 : text.Length;
        if (isLong && char.IsHighSurrogate(text[length - 1])) length--;
        return string.Create(isLong ? length + 1 : length, (text, length), static (span, source) =>
        {
            for (int i = 0; i < source.length; i++) span[i] = char.IsControl(source.text[i]) ? ' ' : source.text[i];
            if (span.Length > source.length) span[^1] = '…';
        });
    }
}
