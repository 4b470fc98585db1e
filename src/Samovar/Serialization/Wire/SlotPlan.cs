namespace Samovar.Serialization.Wire;

/// <summary>Writes and reads locations of one static type: fields, array elements, roots.</summary>
internal abstract class SlotPlan
{
    /// <summary>The minimum number of bytes that a value takes in a message; at least one.</summary>
    public abstract int LeastBytes { get; }

    /// <summary>Whether a value never refers to an object whose body is deferred, so that it is complete as soon as it has been read.</summary>
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
