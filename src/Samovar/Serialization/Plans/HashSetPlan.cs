using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary><see cref="HashSet{T}"/> and classes derived from it; see <see cref="KeyValuePlan{TMap,TKey,TValue,TKeyCode,TValueCode}"/>.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class HashSetPlan<T>(Type type, PlanTable plans) : ObjectPlan(type)
{
    private readonly SlotPlan<T> _item = (SlotPlan<T>)plans.SlotFor(typeof(T));
    private readonly bool _derived = type != typeof(HashSet<T>);
    private readonly Lazy<FieldSet> _ownFields = new(() => FieldSet.Of(type, typeof(HashSet<T>), plans));

    public override PlanShape Shape => PlanShape.Deferred;

    public override int LeastBodyBytes => 2;

    public override void WriteShell(GraphWriter writer, object value) =>
        writer.WriteReference(Special(((HashSet<T>)value).Comparer), null, typeof(IEqualityComparer<T>));

    public override object ReadShell(GraphReader reader)
    {
        var comparer = reader.ReadReference<IEqualityComparer<T>>(null);
        if (!_derived) return new HashSet<T>(comparer);
        object set = RuntimeHelpers.GetUninitializedObject(Type);
        var constructor = typeof(HashSet<T>).GetConstructor([typeof(IEqualityComparer<T>)])!;
        constructor.Invoke(set, [comparer]);
        return set;
    }

    public override void WriteBody(GraphWriter writer, object value)
    {
        var set = (HashSet<T>)value;
        writer.WriteReference(Special(set.Comparer), null, typeof(IEqualityComparer<T>));
        writer.WriteCount(set, set.Count);
        foreach (var item in set) _item.Write(writer, item);
        if (_derived) _ownFields.Value.Write(writer, set);
    }

    public override void ReadBody(GraphReader reader, object value)
    {
        var set = (HashSet<T>)value;
        bool ready = _item.IsComplete && Special(set.Comparer) is null or StringComparer;
        var waiting = ready ? null : new List<T>();
        if (waiting is not null) reader.FinishLater(this, set, waiting);

        reader.ReadReference<IEqualityComparer<T>>(null);
        int count = reader.ReadCount(_item.LeastBytes);
        if (waiting is null) set.EnsureCapacity(count);
        for (int i = 0; i < count; i++)
        {
            var item = _item.Read(reader);
            if (waiting is not null) waiting.Add(item);
            else if (!set.Add(item)) throw reader.Bad("An item appears twice in a set");
        }

        if (_derived) _ownFields.Value.Read(reader, set);
    }

    public override void Finish(GraphReader reader, object value, object state)
    {
        var set = (HashSet<T>)value;
        var comparer = Special(set.Comparer);
        foreach (var item in (List<T>)state)
        {
            KeyGuard.Check(reader, item, comparer);
            if (!set.Add(item)) throw reader.Bad("An item appears twice in a set");
        }
    }

    private static IEqualityComparer<T>? Special(IEqualityComparer<T> comparer) =>
        ReferenceEquals(comparer, EqualityComparer<T>.Default) ? null : comparer;
}

/// <summary><see cref="Hashtable"/> and classes derived from it. Its keys are always added last.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class HashtablePlan(Type type, PlanTable plans) : ObjectPlan(type)
{
    private readonly SlotPlan<object?> _item = (SlotPlan<object?>)plans.SlotFor(typeof(object));
    private readonly bool _derived = type != typeof(Hashtable);
    private readonly Lazy<FieldSet> _ownFields = new(() => FieldSet.Of(type, typeof(Hashtable), plans));

    public override PlanShape Shape => PlanShape.Deferred;

    public override int LeastBodyBytes => 2;

    public override void WriteShell(GraphWriter writer, object value) =>
        writer.WriteReference(ComparerOf((Hashtable)value), null, typeof(IEqualityComparer));

    public override object ReadShell(GraphReader reader)
    {
        var comparer = reader.ReadReference<IEqualityComparer>(null);
        object table = RuntimeHelpers.GetUninitializedObject(Type);
        typeof(Hashtable).GetConstructor([typeof(IEqualityComparer)])!.Invoke(table, [comparer]);
        return table;
    }

    public override void WriteBody(GraphWriter writer, object value)
    {
        var table = (Hashtable)value;
        writer.WriteReference(ComparerOf(table), null, typeof(IEqualityComparer));
        writer.WriteCount(table, table.Count);
        foreach (DictionaryEntry entry in table)
        {
            _item.Write(writer, entry.Key);
            _item.Write(writer, entry.Value);
        }

        if (_derived) _ownFields.Value.Write(writer, table);
    }

    public override void ReadBody(GraphReader reader, object value)
    {
        var waiting = new List<(object Key, object? Value)>();
        reader.FinishLater(this, value, waiting);
        reader.ReadReference<IEqualityComparer>(null);
        int count = reader.ReadCount(2);
        for (int i = 0; i < count; i++)
            waiting.Add((_item.Read(reader) ?? throw reader.Bad("A key of a Hashtable is null"), _item.Read(reader)));
        if (_derived) _ownFields.Value.Read(reader, value);
    }

    public override void Finish(GraphReader reader, object value, object state)
    {
        var table = (Hashtable)value;
        foreach (var (key, item) in (List<(object, object?)>)state)
        {
            KeyGuard.Check(reader, key, ComparerOf(table));
            table.Add(key, item);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_keycomparer")]
    private static extern ref IEqualityComparer? ComparerOf(Hashtable table);
}
