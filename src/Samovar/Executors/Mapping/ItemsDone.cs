using Samovar.Ipc.Channel;
using Samovar.Serialization;

namespace Samovar.Executors.Mapping;

/// <summary>What a chunk returns: what its items have brought is with the <see cref="ItemKeeper"/>, but perhaps for the last one.</summary>
internal class ItemsDone
{
    public static ItemsDone AllKept { get; } = new();

    /// <summary>Whether there is a last item whose result has still to be written; asking keeps it where that is cheap.</summary>
    public virtual bool HasLast(ItemJournal journal) => false;

    /// <summary>Whether that result travels as <see cref="Bytes"/>, and not as a message.</summary>
    public virtual bool IsBytes => false;

    public virtual ReadOnlySpan<byte> Bytes => [];

    public virtual ShippedBody Prepare(ShippingWriter writer, LiveConnector kept) => throw new InvalidOperationException("Every result is kept.");
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
