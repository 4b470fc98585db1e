using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;
using Samovar.Serialization.Closures;
using Samovar.Serialization.Types;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Selects the plan for the objects of a type.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class PlanFactory
{
    // By name, so that the assembly of a collection is loaded only by programs that use it.
    private static readonly Dictionary<string, Func<Type, Type[], PlanTable, ObjectPlan>> generic = new(StringComparer.Ordinal)
    {
        ["System.Collections.Generic.List`1"] = static (_, a, p) => PlanTable.Make<ObjectPlan>(typeof(ListPlan<>), a, p),
        ["System.Collections.Generic.Dictionary`2"] = static (t, a, p) => KeyValuePlans.Make(typeof(DictionaryPlan<,,,>), t, a, p),
        ["System.Collections.Concurrent.ConcurrentDictionary`2"] = static (t, a, p) => KeyValuePlans.Make(typeof(ConcurrentDictionaryPlan<,,,>), t, a, p),
        ["System.Collections.Generic.OrderedDictionary`2"] = static (t, a, p) => KeyValuePlans.Make(typeof(OrderedDictionaryPlan<,,,>), t, a, p),
        ["System.Collections.Generic.HashSet`1"] = static (t, a, p) => PlanTable.Make<ObjectPlan>(typeof(HashSetPlan<>), a, t, p),
        ["System.Collections.Frozen.FrozenDictionary`2"] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.FrozenDictionary), a, p),
        ["System.Collections.Frozen.FrozenSet`1"] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.FrozenSet), a, p),
        ["System.Collections.Immutable.ImmutableDictionary`2"] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ImmutableDictionary), a, p),
        ["System.Collections.Immutable.ImmutableSortedDictionary`2"] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ImmutableSortedDictionary), a, p),
        ["System.Collections.Immutable.ImmutableHashSet`1"] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ImmutableHashSet), a, p),
        ["System.Collections.Immutable.ImmutableSortedSet`1"] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ImmutableSortedSet), a, p),
        ["System.Collections.Immutable.ImmutableList`1"] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ImmutableList), a, p),
        ["System.Collections.Immutable.ImmutableQueue`1"] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ImmutableQueue), a, p),
        ["System.Collections.Immutable.ImmutableStack`1"] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ImmutableStack), a, p),
        ["System.Collections.Concurrent.ConcurrentQueue`1"] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ConcurrentQueue), a, p),
        ["System.Collections.Concurrent.ConcurrentBag`1"] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ConcurrentBag), a, p),
        ["System.Collections.Concurrent.ConcurrentStack`1"] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ConcurrentStack), a, p),
        ["System.Collections.Generic.LinkedList`1"] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.LinkedList), a, p),
        ["System.Linq.Lookup`2"] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.Lookup), a, p),
    };

    // A program may derive its own classes from these. The others are built in one step, so a derived class is refused.
    private static readonly HashSet<string> derivable = new(StringComparer.Ordinal)
    {
        "System.Collections.Generic.Dictionary`2", "System.Collections.Generic.HashSet`1",
        "System.Collections.Concurrent.ConcurrentDictionary`2", "System.Collections.Generic.OrderedDictionary`2",
    };

    public static ObjectPlan Create(Type type, PlanTable plans)
    {
        if (plans.CodecFor(type) is { } codec) return new CodecPlan(codec);
        if (LeafPlans.Find(type) is { } leaf) return leaf;
        if (type == typeof(TimeZoneInfo)) return new TimeZonePlan(plans);
        if (ExpandoPlan.Carries(type)) return new ExpandoPlan(plans);
        if (UnsupportedTypes.OfType(type) is { } reason) return new UnsupportedPlan(type, reason);
        if (type.IsSubclassOf(typeof(MulticastDelegate))) return new DelegatePlan(type);
        if (type.IsArray) return ArrayPlan(type, plans);
        if (type.IsValueType) return PlanTable.Make<ObjectPlan>(typeof(BoxedPlan<>), [type], plans);
        if (LiveProgress.PlanFor(type) is { } progress) return progress;
        if (InstancePlan.TryCreate(type) is { } comparer) return comparer;
        if (type.IsAssignableTo(typeof(Exception))) return new ExceptionPlan(type, plans);
        if (type == typeof(Hashtable) || type.IsSubclassOf(typeof(Hashtable))) return new HashtablePlan(type, plans);
        return Collection(type, plans)
            ?? (type.IsAbstract ? new UnsupportedPlan(type, "is abstract, so no object has exactly this type") : new FieldsPlan(type, plans));
    }

    public static ObjectPlan Create(ClosurePart part, PlanTable plans) => UnsupportedTypes.PointerField(part.Travelling()) is { } reason
        ? new UnsupportedPlan(part.Type, reason)
        : new FieldsPlan(part, plans);

    /// <summary>Whether objects of the type are written field by field.</summary>
    public static bool IsPlain(Type type) =>
        type.IsClass && !type.IsArray && type != typeof(string) && !type.IsSubclassOf(typeof(Delegate)) && !type.IsAssignableTo(typeof(Exception))
        && !LeafPlans.Knows(type) && !LeafPlans.KnowsBaseOf(type) && UnsupportedTypes.OfType(type) is null && CollectionBase(type) is null
        && type != typeof(TimeZoneInfo) && !ExpandoPlan.Carries(type) && !type.IsAssignableTo(typeof(Hashtable)) && LiveProgress.PlanFor(type) is null && InstancePlan.TryCreate(type) is null;

    private static ObjectPlan ArrayPlan(Type type, PlanTable plans)
    {
        var element = type.GetElementType()!;
        if (element.IsPointer || element.IsFunctionPointer)
            return new UnsupportedPlan(type, "contains addresses in this process; copy what they point to");
        if (!type.IsSZArray) return PlanTable.Make<ObjectPlan>(typeof(BoundedArrayPlan<>), [element], type, plans);
        return plans.IsRaw(element)
            ? CommonSlots.ArrayPlanOf(element) ?? PlanTable.Make<ObjectPlan>(typeof(RawArrayPlan<>), [element])
            : PlanTable.Make<ObjectPlan>(typeof(ArrayPlan<>), [element], plans);
    }

    private static Type? CollectionBase(Type type)
    {
        for (var t = type; t is not null; t = t.BaseType)
        {
            if (t.IsGenericType && generic.ContainsKey(NameOf(t))) return t;
        }

        return null;
    }

    private static ObjectPlan? Collection(Type type, PlanTable plans)
    {
        if (CollectionBase(type) is not { } known) return null;
        string name = NameOf(known);
        if (name == "System.Collections.Generic.List`1" && type != known)
            return new FieldsPlan(type, plans); // the fields of a list do not depend on the process
        if (!derivable.Contains(name) && type != known && type.Assembly != known.Assembly)
            return new UnsupportedPlan(type, $"is derived from {TypeNames.Short(known)}, which is rebuilt from its items; store one in a field instead");
        return generic[name](type, known.GetGenericArguments(), plans);
    }

    private static string NameOf(Type type) => type.GetGenericTypeDefinition().FullName ?? "";

    private static ObjectPlan Rebuilt(string name, Type[] arguments, PlanTable plans) =>
        (ObjectPlan)typeof(RebuiltPlans).GetMethod(name)!.MakeGenericMethod(arguments).Invoke(null, [plans])!;
}
