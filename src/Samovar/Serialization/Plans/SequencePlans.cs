using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Primitives;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Arrays of unmanaged values: a count, followed by one block of bytes.</summary>
internal sealed class RawArrayPlan<T>() : ObjectPlan(typeof(T[]))
{
    public override PlanShape Shape => PlanShape.Whole;

    public override void WriteShell(GraphWriter writer, object value)
    {
        var array = Unsafe.As<T[]>(value);
        writer.WriteCount(array, array.Length);
        writer.WriteElements(array, 0, array.Length);
    }

    public override object ReadShell(GraphReader reader)
    {
        int count = reader.ReadCount(Unsafe.SizeOf<T>());
        if (count == 0) return Array.Empty<T>();
        var array = Platform.FreshMemory.AllocateArray<T>(count);
        reader.ReadElements(array.AsSpan());
        BlittableSlot<T>.Verify(reader, array);
        return array;
    }
}

/// <summary>Arrays of strings, references and structures that contain references.</summary>
internal sealed class ArrayPlan<T>(PlanTable plans) : ObjectPlan(typeof(T[]))
{
    private readonly SlotPlan<T> _item = (SlotPlan<T>)plans.SlotFor(typeof(T));
    private readonly PlanShape _shape = plans.IsInlineItem(typeof(T)) ? PlanShape.Inline : PlanShape.Deferred;

    public override PlanShape Shape => _shape;

    public override void WriteShell(GraphWriter writer, object value) => writer.WriteCount(value, Unsafe.As<T[]>(value).Length);

    public override object ReadShell(GraphReader reader)
    {
        int count = reader.ReadCount(_item.LeastBytes);
        if (_shape == PlanShape.Deferred) reader.Promise((long)count * _item.LeastBytes);
        return count == 0 ? Array.Empty<T>() : new T[count];
    }

    public override void WriteBody(GraphWriter writer, object value)
    {
        foreach (var item in Unsafe.As<T[]>(value)) _item.Write(writer, item);
    }

    public override void ReadBody(GraphReader reader, object value)
    {
        var array = Unsafe.As<T[]>(value);
        if (_shape == PlanShape.Deferred) reader.Redeem((long)array.Length * _item.LeastBytes);
        for (int i = 0; i < array.Length; i++) array[i] = _item.Read(reader);
    }
}

/// <summary>Multidimensional arrays, and arrays with a lower bound other than zero.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class BoundedArrayPlan<T>(Type type, PlanTable plans) : ObjectPlan(type)
{
    private readonly SlotPlan<T> _item = (SlotPlan<T>)plans.SlotFor(typeof(T));
    private readonly bool _raw = plans.IsRaw(typeof(T));

    public override PlanShape Shape => _raw ? PlanShape.Inline : PlanShape.Deferred;

    public override void WriteShell(GraphWriter writer, object value)
    {
        var array = (Array)value;
        for (int i = 0; i < array.Rank; i++)
        {
            writer.WriteRaw(array.GetLowerBound(i));
            writer.WriteCount(array, array.GetLength(i));
        }
    }

    public override object ReadShell(GraphReader reader)
    {
        int rank = Type.GetArrayRank();
        var bounds = new int[rank];
        var lengths = new int[rank];
        long total = 1;
        for (int i = 0; i < rank; i++)
        {
            bounds[i] = reader.ReadRaw<int>();
            uint length = reader.ReadVarUInt();
            if (length > Array.MaxLength || (long)bounds[i] + length > int.MaxValue)
                throw reader.Bad($"An array cannot have {length:N0} elements with a lower bound of {bounds[i]:N0}");
            lengths[i] = (int)length;
            total *= length;
            if (total > Array.MaxLength) throw reader.Bad($"An array has {total:N0} elements, more than {Array.MaxLength:N0}");
        }

        reader.CheckCount(total, _item.LeastBytes);
        if (!_raw) reader.Promise(total * _item.LeastBytes);
        return rank == 1 ? Array.CreateInstanceFromArrayType(Type, lengths, bounds) : Array.CreateInstance(typeof(T), lengths, bounds);
    }

    public override void WriteBody(GraphWriter writer, object value)
    {
        var items = Items((Array)value);
        if (_raw)
        {
            writer.WriteElements<T>(items);
            return;
        }

        foreach (var item in items) _item.Write(writer, item);
    }

    public override void ReadBody(GraphReader reader, object value)
    {
        var items = Items((Array)value);
        if (_raw)
        {
            reader.ReadElements(items);
            BlittableSlot<T>.Verify(reader, items);
            return;
        }

        reader.Redeem((long)items.Length * _item.LeastBytes);
        for (int i = 0; i < items.Length; i++) items[i] = _item.Read(reader);
    }

    private static Span<T> Items(Array array) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(array)), array.Length);
}

/// <summary><see cref="List{T}"/>.</summary>
internal sealed class ListPlan<T>(PlanTable plans) : ObjectPlan(typeof(List<T>))
{
    private readonly SlotPlan<T> _item = (SlotPlan<T>)plans.SlotFor(typeof(T));
    private readonly bool _raw = plans.IsRaw(typeof(T));
    private readonly bool _text = typeof(T) == typeof(string);
    private readonly PlanShape _shape = plans.IsRaw(typeof(T)) ? PlanShape.Whole : plans.IsInlineItem(typeof(T)) ? PlanShape.Inline : PlanShape.Deferred;

    public override PlanShape Shape => _shape;

    public override int LeastBodyBytes => _shape == PlanShape.Deferred ? 1 : 0;

    public override void WriteShell(GraphWriter writer, object value)
    {
        if (!_raw) return;
        var list = Unsafe.As<List<T>>(value);
        int count = list.Count;
        writer.WriteCount(list, count);
        writer.WriteElements(Accessor.ItemsOf(list), 0, count);
    }

    public override object ReadShell(GraphReader reader)
    {
        if (!_raw) return new List<T>();
        int count = reader.ReadCount(Unsafe.SizeOf<T>());
        var list = new List<T>(count);
        CollectionsMarshal.SetCount(list, count);
        var items = CollectionsMarshal.AsSpan(list);
        reader.ReadElements(items);
        BlittableSlot<T>.Verify(reader, items);
        return list;
    }

    public override void WriteBody(GraphWriter writer, object value)
    {
        if (_raw) return;
        var items = CollectionsMarshal.AsSpan(Unsafe.As<List<T>>(value));
        writer.WriteCount(value, items.Length);
        if (_text)
        {
            foreach (var item in items) writer.WriteString(Unsafe.As<string?>(item));
            return;
        }

        foreach (var item in items) _item.Write(writer, item);
    }

    public override void ReadBody(GraphReader reader, object value)
    {
        if (_raw) return;
        var list = Unsafe.As<List<T>>(value);
        int count = reader.ReadCount(_item.LeastBytes);
        CollectionsMarshal.SetCount(list, count);
        var items = CollectionsMarshal.AsSpan(list);
        if (_text)
        {
            for (int i = 0; i < items.Length; i++) Unsafe.As<T, string?>(ref items[i]) = reader.ReadString();
            return;
        }

        for (int i = 0; i < items.Length; i++) items[i] = _item.Read(reader);
    }

    private static class Accessor
    {
        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_items")]
        public static extern ref T[] ItemsOf(List<T> list);
    }
}
