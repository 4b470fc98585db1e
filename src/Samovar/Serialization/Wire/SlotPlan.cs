namespace Samovar.Serialization.Wire;

/// <summary>How a location of one static type is written and read: a field, an array element, a root.</summary>
internal abstract class SlotPlan
{
    /// <summary>Fewest bytes a value takes in the message; at least one.</summary>
    public abstract int LeastBytes { get; }

    /// <summary>Whether a value never refers to anything whose body waits, so that it is complete when read.</summary>
    public abstract bool IsComplete { get; }

    public abstract void WriteBoxed(GraphWriter writer, object? value);

    public abstract object? ReadBoxed(GraphReader reader);
}

/// <inheritdoc/>
internal abstract class SlotPlan<T> : SlotPlan
{
    public abstract void Write(GraphWriter writer, T value);

    public abstract T Read(GraphReader reader);

    public override void WriteBoxed(GraphWriter writer, object? value) => Write(writer, (T)value!);

    public override object? ReadBoxed(GraphReader reader) => Read(reader);
}
