using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Hash tables, which are rebuilt on arrival because hash codes differ between processes.</summary>
/// <remarks>
/// Keys that are complete when read are added at once. Other keys are added after all objects that they refer to have been read
/// (<see cref="GraphReader.FinishLater"/>), because their hash codes may depend on those. The fields of a derived class are written as well.
/// </remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal abstract class KeyValuePlan<TMap, TKey, TValue, TKeyCode, TValueCode>(Type type, PlanTable plans, TKeyCode keys, TValueCode values) : ObjectPlan(type)
    where TMap : class
    where TKey : notnull
    where TKeyCode : struct, IItemCode<TKey>
    where TValueCode : struct, IItemCode<TValue>
{
    private readonly TKeyCode _keys = keys;
    private readonly TValueCode _values = values;
    private readonly bool _derived = type != typeof(TMap);
    private readonly Lazy<FieldSet> _ownFields = new(() => FieldSet.Of(type, typeof(TMap), plans));
    private readonly bool _simple = type == typeof(TMap) && IsSimple(typeof(TKey), plans) && IsSimple(typeof(TValue), plans);

    public override PlanShape Shape => _simple ? PlanShape.Inline : PlanShape.Deferred;

    public override int LeastBodyBytes => _simple ? 0 : 2 + (_derived ? _ownFields.Value.LeastBytes : 0);

    protected TKeyCode Keys => _keys;

    protected TValueCode Values => _values;

    public override void WriteShell(GraphWriter writer, object value) =>
        writer.WriteReference(Special(ComparerOf((TMap)value)), null, typeof(IEqualityComparer<TKey>));

    public override object ReadShell(GraphReader reader)
    {
        var comparer = reader.ReadReference<IEqualityComparer<TKey>>(null);
        if (!_derived) return Create(comparer);
        object map = RuntimeHelpers.GetUninitializedObject(Type);
        var constructor = typeof(TMap).GetConstructor([typeof(IEqualityComparer<TKey>)])!;
        constructor.Invoke(map, [comparer]);
        return map;
    }

    public override void WriteBody(GraphWriter writer, object value)
    {
        var map = (TMap)value;
        writer.WriteReference(Special(ComparerOf(map)), null, typeof(IEqualityComparer<TKey>));
        WriteItems(writer, map);
        if (_derived) _ownFields.Value.Write(writer, map);
    }

    public override void ReadBody(GraphReader reader, object value)
    {
        var map = (TMap)value;
        bool ready = _keys.IsComplete && IsReady(Special(ComparerOf(map)));
        var waiting = ready ? null : new List<KeyValuePair<TKey, TValue>>();
        if (waiting is not null) reader.FinishLater(this, map, waiting);

        reader.ReadReference<IEqualityComparer<TKey>>(null); // moves the comparer's body ahead, so that it is read before the table is filled
        int count = reader.ReadCount(_keys.LeastBytes + _values.LeastBytes);
        if (waiting is null) Reserve(map, count);
        for (int i = 0; i < count; i++)
        {
            var key = _keys.Read(reader) ?? throw reader.Bad("A key of a dictionary is null");
            var item = _values.Read(reader);
            if (waiting is not null) waiting.Add(new(key, item));
            else if (!TryAdd(map, key, item)) throw reader.Bad("A key appears twice in a dictionary");
        }

        if (_derived) _ownFields.Value.Read(reader, map);
    }

    public override void Finish(GraphReader reader, object value, object state)
    {
        var map = (TMap)value;
        var waiting = (List<KeyValuePair<TKey, TValue>>)state;
        var comparer = Special(ComparerOf(map));
        Reserve(map, waiting.Count);
        foreach (var (key, item) in waiting)
        {
            KeyGuard.Check(reader, key, comparer);
            if (!TryAdd(map, key, item)) throw reader.Bad("A key appears twice in a dictionary");
        }
    }

    protected abstract IEqualityComparer<TKey> ComparerOf(TMap map);

    protected abstract TMap Create(IEqualityComparer<TKey>? comparer);

    protected abstract void Reserve(TMap map, int count);

    protected abstract void WriteItems(GraphWriter writer, TMap map);

    protected abstract bool TryAdd(TMap map, TKey key, TValue value);

    internal static IEqualityComparer<TKey>? Special(IEqualityComparer<TKey>? comparer) =>
        comparer is null || ReferenceEquals(comparer, EqualityComparer<TKey>.Default) ? null : comparer;

    internal static bool IsReady(IEqualityComparer<TKey>? comparer) => comparer is null or StringComparer;

    private static bool IsSimple(Type type, PlanTable plans) => type == typeof(string) || plans.IsRaw(type);
}

/// <summary>Creates the plan of a hash table for the types of its keys and values.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class KeyValuePlans
{
    public static ObjectPlan Make(Type plan, Type type, Type[] arguments, PlanTable plans)
    {
        object keys = ItemCodes.For(arguments[0], plans);
        object values = ItemCodes.For(arguments[1], plans);
        return PlanTable.Make<ObjectPlan>(plan, [arguments[0], arguments[1], keys.GetType(), values.GetType()], type, plans, keys, values);
    }
}

/// <summary><see cref="Dictionary{TKey,TValue}"/> and classes derived from it.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class DictionaryPlan<TKey, TValue, TKeyCode, TValueCode>(Type type, PlanTable plans, TKeyCode keys, TValueCode values)
    : KeyValuePlan<Dictionary<TKey, TValue>, TKey, TValue, TKeyCode, TValueCode>(type, plans, keys, values)
    where TKey : notnull
    where TKeyCode : struct, IItemCode<TKey>
    where TValueCode : struct, IItemCode<TValue>
{
    protected override IEqualityComparer<TKey> ComparerOf(Dictionary<TKey, TValue> map) => map.Comparer;

    protected override Dictionary<TKey, TValue> Create(IEqualityComparer<TKey>? comparer) => new(comparer);

    protected override void Reserve(Dictionary<TKey, TValue> map, int count) => map.EnsureCapacity(count);

    protected override void WriteItems(GraphWriter writer, Dictionary<TKey, TValue> map)
    {
        writer.WriteCount(map, map.Count);
        foreach (var (key, value) in map)
        {
            Keys.Write(writer, key);
            Values.Write(writer, value);
        }
    }

    protected override bool TryAdd(Dictionary<TKey, TValue> map, TKey key, TValue value) => map.TryAdd(key, value);
}

/// <summary><see cref="OrderedDictionary{TKey,TValue}"/> and classes derived from it.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class OrderedDictionaryPlan<TKey, TValue, TKeyCode, TValueCode>(Type type, PlanTable plans, TKeyCode keys, TValueCode values)
    : KeyValuePlan<OrderedDictionary<TKey, TValue>, TKey, TValue, TKeyCode, TValueCode>(type, plans, keys, values)
    where TKey : notnull
    where TKeyCode : struct, IItemCode<TKey>
    where TValueCode : struct, IItemCode<TValue>
{
    protected override IEqualityComparer<TKey> ComparerOf(OrderedDictionary<TKey, TValue> map) => map.Comparer;

    protected override OrderedDictionary<TKey, TValue> Create(IEqualityComparer<TKey>? comparer) => new(comparer);

    protected override void Reserve(OrderedDictionary<TKey, TValue> map, int count) => map.EnsureCapacity(count);

    protected override void WriteItems(GraphWriter writer, OrderedDictionary<TKey, TValue> map)
    {
        writer.WriteCount(map, map.Count);
        foreach (var (key, value) in map)
        {
            Keys.Write(writer, key);
            Values.Write(writer, value);
        }
    }

    protected override bool TryAdd(OrderedDictionary<TKey, TValue> map, TKey key, TValue value) => map.TryAdd(key, value);
}

/// <summary><see cref="ConcurrentDictionary{TKey,TValue}"/> and classes derived from it, written from a snapshot.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class ConcurrentDictionaryPlan<TKey, TValue, TKeyCode, TValueCode>(Type type, PlanTable plans, TKeyCode keys, TValueCode values)
    : KeyValuePlan<ConcurrentDictionary<TKey, TValue>, TKey, TValue, TKeyCode, TValueCode>(type, plans, keys, values)
    where TKey : notnull
    where TKeyCode : struct, IItemCode<TKey>
    where TValueCode : struct, IItemCode<TValue>
{
    protected override IEqualityComparer<TKey> ComparerOf(ConcurrentDictionary<TKey, TValue> map) => map.Comparer;

    protected override ConcurrentDictionary<TKey, TValue> Create(IEqualityComparer<TKey>? comparer) => new(comparer);

    protected override void Reserve(ConcurrentDictionary<TKey, TValue> map, int count)
    {
    }

    protected override void WriteItems(GraphWriter writer, ConcurrentDictionary<TKey, TValue> map)
    {
        var items = map.ToArray();
        writer.WriteCount(map, items.Length);
        foreach (var (key, value) in items)
        {
            Keys.Write(writer, key);
            Values.Write(writer, value);
        }
    }

    protected override bool TryAdd(ConcurrentDictionary<TKey, TValue> map, TKey key, TValue value) => map.TryAdd(key, value);
}
