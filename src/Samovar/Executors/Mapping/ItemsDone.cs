using Samovar.Ipc.Channel;
using Samovar.Serialization;

namespace Samovar.Executors.Mapping;

/// <summary>The return value of a chunk. The <see cref="ItemKeeper"/> has stored the results of its items, possibly except for the last
/// one.</summary>
internal class ItemsDone
{
    public static ItemsDone AllKept { get; } = new();

    /// <summary>The slowest of the items; none if they were not measured.</summary>
    public SlowestOfChunk Slowest { get; set; }

    /// <summary>Returns whether the result of the last item has still to be written. The call stores the result if that is cheap.</summary>
    public virtual bool HasLast(ItemJournal journal) => false;

    /// <summary>Whether that result is sent as <see cref="Bytes"/>, and not as a message.</summary>
    public virtual bool IsBytes => false;

    public virtual ReadOnlySpan<byte> Bytes => [];

    public virtual ShippedBody Prepare(ShippingWriter writer, LiveConnector kept) => throw new InvalidOperationException("All results are stored.");
}

/// <inheritdoc/>
internal sealed class LastItem<T>(T value) : ItemsDone
{
    private T _value = value;

    public override bool IsBytes => ItemForm<T>.IsBytes || ItemForm<T>.IsText;

    public override ReadOnlySpan<byte> Bytes => ItemForm<T>.BytesOf(ref _value);

    public override bool HasLast(ItemJournal journal) => !journal.TryKeep(_value);

    public override ShippedBody Prepare(ShippingWriter writer, LiveConnector kept) => writer.Prepare(_value, kept);
}
