using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Samovar.Primitives;
using Samovar.Serialization.Types;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>The slots for value types that have their own format instead of being written field by field.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class ValueSlots
{
    // By name, so that a program that does not use these types does not load them.
    private static readonly Dictionary<string, Func<Type, PlanTable, SlotPlan>> makers = new(StringComparer.Ordinal)
    {
        ["System.Numerics.BigInteger"] = static (_, _) => new BigIntegerSlot(),
        ["System.Text.Json.JsonElement"] = static (_, _) => new JsonElementSlot(),
        ["System.Threading.CancellationToken"] = static (_, _) => new CancellationSlot(),
        ["System.Memory`1"] = static (t, p) => PlanTable.Make<SlotPlan>(typeof(MemorySlot<>), t.GetGenericArguments(), p),
        ["System.ReadOnlyMemory`1"] = static (t, p) => PlanTable.Make<SlotPlan>(typeof(ReadOnlyMemorySlot<>), t.GetGenericArguments(), p),
    };

    static ValueSlots() => Debug.Assert(WholeValues.Names.SetEquals(makers.Keys), "each value type with its own format has a slot");

    public static SlotPlan? Find(Type type, PlanTable plans) => makers.TryGetValue(WholeValues.NameOf(type), out var make) ? make(type, plans) : null;
}

/// <summary>Large integers as bytes, least significant first.</summary>
internal sealed class BigIntegerSlot : SlotPlan<BigInteger>
{
    public override int LeastBytes => 2;

    public override bool IsComplete => true;

    public override void Write(GraphWriter writer, BigInteger value)
    {
        var bytes = value.ToByteArray();
        writer.WriteCount(bytes, bytes.Length);
        writer.WriteBytes(bytes);
    }

    public override BigInteger Read(GraphReader reader) => new(reader.ReadBytes(reader.ReadCount(1)));
}

/// <summary>JSON elements, written as text. On arrival an element belongs to a new document.</summary>
internal sealed class JsonElementSlot : SlotPlan<JsonElement>
{
    public override int LeastBytes => 1;

    public override bool IsComplete => true;

    public override void Write(GraphWriter writer, JsonElement value) => JsonText.WriteElement(writer, value);

    public override JsonElement Read(GraphReader reader) => JsonText.ReadElement(reader);
}

/// <summary>Memory regions: only the elements of the region are written, not the rest of the array that contains them.</summary>
internal sealed class ReadOnlyMemorySlot<T>(PlanTable plans) : SlotPlan<ReadOnlyMemory<T>>
{
    private readonly MemorySlot<T> _inner = new(plans);

    public override int LeastBytes => 1;

    public override bool IsComplete => _inner.IsComplete;

    public override void Write(GraphWriter writer, ReadOnlyMemory<T> value) => _inner.Write(writer, MemoryMarshal.AsMemory(value));

    public override ReadOnlyMemory<T> Read(GraphReader reader) => _inner.Read(reader);
}

/// <inheritdoc cref="ReadOnlyMemorySlot{T}"/>
internal sealed class MemorySlot<T>(PlanTable plans) : SlotPlan<Memory<T>>
{
    private readonly SlotPlan<T> _item = (SlotPlan<T>)plans.SlotFor(typeof(T));
    private readonly bool _raw = plans.IsRaw(typeof(T));

    public override int LeastBytes => 1;

    public override bool IsComplete => _item.IsComplete;

    public override void Write(GraphWriter writer, Memory<T> value)
    {
        writer.WriteCount(value.Length > writer.Options.MaxArrayLength ? value : typeof(T), value.Length);
        if (!_raw)
        {
            foreach (var item in value.ToArray()) _item.Write(writer, item);
        }
        else if (MemoryMarshal.TryGetArray<T>(value, out var part))
        {
            writer.WriteElements(part.Array!, part.Offset, part.Count);
        }
        else
        {
            writer.WriteElements<T>(value.Span);
        }
    }

    public override Memory<T> Read(GraphReader reader)
    {
        int count = reader.ReadCount(_raw ? Unsafe.SizeOf<T>() : _item.LeastBytes);
        if (count == 0) return default;
        var array = new T[count];
        if (_raw)
        {
            reader.ReadElements(array.AsSpan());
            BlittableSlot<T>.Verify(reader, array);
            return array;
        }

        for (int i = 0; i < array.Length; i++) array[i] = _item.Read(reader);
        return array;
    }
}
