using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;
using Samovar.Serialization.Types;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Creates the plans for the collections that are built in one step.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class RebuiltPlans
{
    public static ObjectPlan FrozenDictionary<TKey, TValue>(PlanTable plans)
        where TKey : notnull => new RebuiltPlan<FrozenDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>(
            plans, needsComplete: true, static c => [.. c], static (items, used) => items.ToFrozenDictionary(Equality<TKey>(used, 0)),
            static c => [Custom(c.Comparer)]);

    public static ObjectPlan FrozenSet<T>(PlanTable plans) => new RebuiltPlan<FrozenSet<T>, T>(
        plans, needsComplete: true, static c => [.. c], static (items, used) => items.ToFrozenSet(Equality<T>(used, 0)), static c => [Custom(c.Comparer)]);

    public static ObjectPlan ImmutableDictionary<TKey, TValue>(PlanTable plans)
        where TKey : notnull => new RebuiltPlan<ImmutableDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>(
            plans, needsComplete: true, static c => [.. c],
            static (items, used) => System.Collections.Immutable.ImmutableDictionary.CreateRange(Equality<TKey>(used, 0), Equality<TValue>(used, 1), items),
            static c => [Custom(c.KeyComparer), Custom(c.ValueComparer)]);

    public static ObjectPlan ImmutableSortedDictionary<TKey, TValue>(PlanTable plans)
        where TKey : notnull => new RebuiltPlan<ImmutableSortedDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>(
            plans, needsComplete: true, static c => [.. c],
            static (items, used) => System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(Order<TKey>(used), Equality<TValue>(used, 1), items),
            static c => [Ordering(c.KeyComparer), Custom(c.ValueComparer)]);

    public static ObjectPlan ImmutableHashSet<T>(PlanTable plans) => new RebuiltPlan<ImmutableHashSet<T>, T>(
        plans, needsComplete: true, static c => [.. c],
        static (items, used) => System.Collections.Immutable.ImmutableHashSet.CreateRange(Equality<T>(used, 0), items), static c => [Custom(c.KeyComparer)]);

    public static ObjectPlan ImmutableSortedSet<T>(PlanTable plans) => new RebuiltPlan<ImmutableSortedSet<T>, T>(
        plans, needsComplete: true, static c => [.. c],
        static (items, used) => System.Collections.Immutable.ImmutableSortedSet.CreateRange(Order<T>(used), items), static c => [Ordering(c.KeyComparer)]);

    public static ObjectPlan ImmutableList<T>(PlanTable plans) => new RebuiltPlan<ImmutableList<T>, T>(
        plans, needsComplete: false, static c => [.. c], static (items, _) => [.. items]);

    public static ObjectPlan ImmutableQueue<T>(PlanTable plans) => new RebuiltPlan<ImmutableQueue<T>, T>(
        plans, needsComplete: false, static c => [.. c], static (items, _) => System.Collections.Immutable.ImmutableQueue.CreateRange(items));

    public static ObjectPlan ImmutableStack<T>(PlanTable plans) => new RebuiltPlan<ImmutableStack<T>, T>(
        plans, needsComplete: false, static c => [.. c.Reverse()], static (items, _) => System.Collections.Immutable.ImmutableStack.CreateRange(items));

    public static ObjectPlan ConcurrentQueue<T>(PlanTable plans) => new RebuiltPlan<ConcurrentQueue<T>, T>(
        plans, needsComplete: false, static c => c.ToArray(), static (items, _) => new ConcurrentQueue<T>(items));

    public static ObjectPlan ConcurrentBag<T>(PlanTable plans) => new RebuiltPlan<ConcurrentBag<T>, T>(
        plans, needsComplete: false, static c => c.ToArray(), static (items, _) => new ConcurrentBag<T>(items));

    public static ObjectPlan ConcurrentStack<T>(PlanTable plans) => new RebuiltPlan<ConcurrentStack<T>, T>(
        plans, needsComplete: false, static c => [.. c.ToArray().Reverse()], static (items, _) => new ConcurrentStack<T>(items));

    public static ObjectPlan LinkedList<T>(PlanTable plans) => new RebuiltPlan<LinkedList<T>, T>(
        plans, needsComplete: false, static c => [.. c], static (items, _) => new LinkedList<T>(items));

    public static ObjectPlan Lookup<TKey, TValue>(PlanTable plans) => new RebuiltPlan<Lookup<TKey, TValue>, KeyValuePair<TKey, TValue>>(
        plans, needsComplete: true, static c => [.. c.SelectMany(g => g.Select(v => new KeyValuePair<TKey, TValue>(g.Key, v)))],
        static (items, used) => (Lookup<TKey, TValue>)items.ToLookup(p => p.Key, p => p.Value, Equality<TKey>(used, 0)),
        static c => [Custom(LookupComparer(c))]);

    // Returns null for the default comparer; the reader uses its own.
    private static object? Custom<T>(IEqualityComparer<T> comparer) => ReferenceEquals(comparer, EqualityComparer<T>.Default) ? null : comparer;

    private static object? Ordering<T>(IComparer<T> comparer) => ReferenceEquals(comparer, Comparer<T>.Default) ? null : comparer;

    private static IEqualityComparer<T>? Equality<T>(object?[] used, int index) => (IEqualityComparer<T>?)(index < used.Length ? used[index] : null);

    private static IComparer<T>? Order<T>(object?[] used) => (IComparer<T>?)(used.Length > 0 ? used[0] : null);

    private static IEqualityComparer<TKey> LookupComparer<TKey, TValue>(Lookup<TKey, TValue> lookup) =>
        typeof(Lookup<TKey, TValue>).GetField("_comparer", TravellingFields.Every)?.GetValue(lookup) as IEqualityComparer<TKey> ?? EqualityComparer<TKey>.Default;
}
