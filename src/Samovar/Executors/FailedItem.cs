using System.Globalization;
using System.Runtime.CompilerServices;

namespace Samovar;

/// <summary>The item whose error ended a <c>Map</c> or a <c>ForEachAsync</c>. The error is the item's own; this tells which item's.</summary>
public sealed class FailedItem
{
    /// <summary>The key under which <see cref="Exception.Data"/> has the item as text, for logs.</summary>
    public const string DataKey = "Samovar.FailedItem";

    private const int LongestText = 200;

    // Beside the errors and not in their data: an error travels between processes with its data, and not every item can.
    private static readonly ConditionalWeakTable<Exception, FailedItem> s_items = [];

    private static readonly Lock s_gate = new();

    private FailedItem(long index, object? input)
    {
        LongIndex = index;
        Input = input;
    }

    /// <summary>The item, as the source gave it.</summary>
    public object? Input { get; }

    /// <inheritdoc cref="Outcome{T}.Index"/>
    public int Index => checked((int)LongIndex);

    /// <inheritdoc cref="Outcome{T}.LongIndex"/>
    public long LongIndex { get; }

    /// <summary>The item whose error this is; null where it has ended no loop over a map in this process. Where one loop runs inside an item of another, the item of the
    /// outer one.</summary>
    public static FailedItem? Of(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return s_items.TryGetValue(error, out var item) ? item : null;
    }

    /// <summary>"item 17", with the item itself where it is a text, a number or a time.</summary>
    public override string ToString()
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"item {LongIndex}");
        if (Input is not IConvertible input || Type.GetTypeCode(input.GetType()) == TypeCode.Object) return text; // its ToString would be code of the program, which may throw
        string own = input.ToString(CultureInfo.InvariantCulture);
        return own.Length > LongestText ? $"{text}: {own.AsSpan(0, LongestText)}…" : $"{text}: {own}";
    }

    internal static void Note(Exception error, long index, object? input)
    {
        var item = new FailedItem(index, input);
        s_items.AddOrUpdate(error, item);
        lock (s_gate) // a program may throw one object in several items
        {
            if (!error.Data.IsReadOnly) error.Data[DataKey] = item.ToString();
        }
    }
}
