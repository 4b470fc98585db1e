using Samovar.Serialization.Closures;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>The field that refers to the closure of the enclosing block, if only a part of that closure travels.</summary>
internal sealed class ParentSlot<T>(SlotPlan<T?> whole, ClosurePart part) : SlotPlan<T?>
    where T : class
{
    public override int LeastBytes => whole.LeastBytes;

    public override bool IsComplete => whole.IsComplete;

    public override void Write(GraphWriter writer, T? value)
    {
        if (value is null) whole.Write(writer, value);
        else writer.WriteClosure(value, part);
    }

    public override T? Read(GraphReader reader) => whole.Read(reader);
}

/// <summary>A captured variable of type <see cref="Random"/>. It is refused, because every task would get a copy in the same state and draw the
/// same numbers.</summary>
internal sealed class CapturedRandomSlot<T>(SlotPlan<T?> inner) : SlotPlan<T?>
    where T : Random
{
    public override int LeastBytes => inner.LeastBytes;

    public override bool IsComplete => inner.IsComplete;

    public override void Write(GraphWriter writer, T? value)
    {
        if (value is not null && !ReferenceEquals(value, Random.Shared))
        {
            throw new UnsupportedValueException(value, "would be copied with the lambda, so every task would draw the same numbers; create one "
                + "inside the task from a seed and the item's number, or use Random.Shared there");
        }

        inner.Write(writer, value);
    }

    public override T? Read(GraphReader reader) => inner.Read(reader);
}
