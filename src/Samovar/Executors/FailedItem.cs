using System.Globalization;
using System.Runtime.CompilerServices;

namespace Samovar;

/// <summary>Identifies the item whose error stopped a <c>Map</c> or a <c>ForEachAsync</c>. The thrown error is the item's own; this type
/// adds the item that it belongs to.</summary>
public sealed class FailedItem
{
    /// <summary>The key in <see cref="Exception.Data"/> that holds a description of the item, for logs.</summary>
    public const string DataKey = "Samovar.FailedItem";

    private const int LongestText = 200;

    // Kept next to the errors and not in their data: an error travels between processes with its data, and not every item can be
    // serialized.
    private static readonly ConditionalWeakTable<Exception, FailedItem> s_items = [];

    private FailedItem(long index, object? input)
    {
        LongIndex = index;
        Input = input;
    }

    /// <summary>Gets the item, as the source returned it.</summary>
    public object? Input { get; }

    /// <inheritdoc cref="Outcome{T}.Index"/>
    public int Index => checked((int)LongIndex);

    /// <inheritdoc cref="Outcome{T}.LongIndex"/>
    public long LongIndex { get; }

    /// <summary>Returns the item that an error belongs to.</summary>
    /// <param name="error">The error that a <c>Map</c> or a <c>ForEachAsync</c> threw.</param>
    /// <returns>The item; null if the error stopped no map in this process. If a map ran inside an item of another map, the item of the
    /// outer one.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="error"/> is null.</exception>
    public static FailedItem? Of(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return s_items.TryGetValue(error, out var item) ? item : null;
    }

    /// <summary>Returns "item 17", followed by the item itself if it is a string, a number or a date.</summary>
    public override string ToString()
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"item {LongIndex}");

        // For any other type, ToString is user code that may throw; so is the ToString of a user's type that implements IConvertible.
        if (Input is not IConvertible input || Type.GetTypeCode(input.GetType()) == TypeCode.Object) return text;
        string own = input.ToString(CultureInfo.InvariantCulture);
        return own.Length > LongestText ? $"{text}: {own.AsSpan(0, LongestText)}…" : $"{text}: {own}";
    }

    internal static void Note(Exception error, long index, object? input)
    {
        var item = new FailedItem(index, input);
        s_items.AddOrUpdate(error, item);
        string text = item.ToString();
        try
        {
            if (error.Data is not { IsReadOnly: false } data) return; // a user's exception type may have no dictionary
            lock (s_items) data[DataKey] = text; // several items may throw the same exception object
        }
        catch (Exception)
        {
            // Data is virtual, and this override throws. The text is for logs only: the error itself and Of contain everything.
        }
    }
}
