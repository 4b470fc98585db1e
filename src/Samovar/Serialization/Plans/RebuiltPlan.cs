using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Collections that are built from their items in one step: immutable, frozen and concurrent ones.</summary>
/// <remarks>
/// The items are written at the first reference to the collection. If building needs hash codes or an order
/// (<paramref name="needsComplete"/>), all objects that the items refer to are written directly after them, so that the items are complete when
/// the collection is built.
/// </remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class RebuiltPlan<TCollection, T>(
    PlanTable plans, bool needsComplete, Func<TCollection, T[]> items, Func<T[], object?[], TCollection> build, Func<TCollection, object?[]>? comparers = null)
    : ObjectPlan(typeof(TCollection))
    where TCollection : class
{
    private readonly SlotPlan<T> _item = (SlotPlan<T>)plans.SlotFor(typeof(T));
    private readonly bool _raw = plans.IsRaw(typeof(T));

    public override PlanShape Shape => PlanShape.Whole;

    private bool MustWait(object?[] used) => needsComplete && (!_item.IsComplete || Array.Exists(used, c => c is not null and not StringComparer));

    public override void WriteShell(GraphWriter writer, object value)
    {
        var collection = (TCollection)value;
        var used = comparers?.Invoke(collection) ?? [];
        int floor = writer.BeginNested(value);
        writer.OpenContainer(value);
        writer.WriteByte((byte)used.Length);
        foreach (var comparer in used) writer.WriteReference(comparer, null, typeof(object));
        var all = items(collection);
        writer.WriteCount(value, all.Length);
        if (_raw)
        {
            writer.WriteElements(all, 0, all.Length);
        }
        else
        {
            foreach (var item in all) _item.Write(writer, item);
        }

        if (MustWait(used)) writer.DrainNested(floor);
        writer.CloseContainer(value);
        writer.EndNested();
    }

    public override object ReadShell(GraphReader reader)
    {
        int floor = reader.BeginNested();
        int count = reader.ReadByte();
        if (count > 2) throw reader.Bad($"A collection has {count} comparers; at most 2 are possible");
        var used = new object?[count];
        for (int i = 0; i < used.Length; i++) used[i] = reader.ReadReference<object>(null);

        var all = new T[reader.ReadCount(_raw ? Unsafe.SizeOf<T>() : _item.LeastBytes)];
        if (_raw)
        {
            reader.ReadElements(all.AsSpan());
            BlittableSlot<T>.Verify(reader, all);
        }
        else
        {
            for (int i = 0; i < all.Length; i++) all[i] = _item.Read(reader);
        }

        if (MustWait(used))
        {
            reader.DrainNested(floor);
            foreach (var item in all) KeyGuard.Check(reader, item, used.Length > 0 ? used[0] : null);
        }

        reader.EndNested();
        return build(all, used);
    }
}
