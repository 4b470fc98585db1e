using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Samovar.Serialization.Plans;

/// <summary>Decides how the objects of a type are carried.</summary>
internal static class PlanFactory
{
    private static readonly Dictionary<Type, Func<Type, Type[], PlanTable, ObjectPlan>> generic = new()
    {
        [typeof(List<>)] = static (t, a, p) => PlanTable.Make<ObjectPlan>(typeof(ListPlan<>), a, p),
        [typeof(Dictionary<,>)] = static (t, a, p) => MapPlans.Make(typeof(DictionaryPlan<,,,>), t, a, p),
        [typeof(ConcurrentDictionary<,>)] = static (t, a, p) => MapPlans.Make(typeof(ConcurrentDictionaryPlan<,,,>), t, a, p),
        [typeof(OrderedDictionary<,>)] = static (t, a, p) => MapPlans.Make(typeof(OrderedDictionaryPlan<,,,>), t, a, p),
        [typeof(HashSet<>)] = static (t, a, p) => PlanTable.Make<ObjectPlan>(typeof(HashSetPlan<>), a, t, p),
        [typeof(FrozenDictionary<,>)] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.FrozenDictionary), a, p),
        [typeof(FrozenSet<>)] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.FrozenSet), a, p),
        [typeof(ImmutableDictionary<,>)] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ImmutableDictionary), a, p),
        [typeof(ImmutableSortedDictionary<,>)] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ImmutableSortedDictionary), a, p),
        [typeof(ImmutableHashSet<>)] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ImmutableHashSet), a, p),
        [typeof(ImmutableSortedSet<>)] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ImmutableSortedSet), a, p),
        [typeof(ImmutableList<>)] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ImmutableList), a, p),
        [typeof(ImmutableQueue<>)] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ImmutableQueue), a, p),
        [typeof(ImmutableStack<>)] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ImmutableStack), a, p),
        [typeof(ConcurrentQueue<>)] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ConcurrentQueue), a, p),
        [typeof(ConcurrentBag<>)] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ConcurrentBag), a, p),
        [typeof(ConcurrentStack<>)] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.ConcurrentStack), a, p),
        [typeof(LinkedList<>)] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.LinkedList), a, p),
        [typeof(Lookup<,>)] = static (_, a, p) => Rebuilt(nameof(RebuiltPlans.Lookup), a, p),
    };

    // Types of which only the base is known by name; the run-time type is the library's business.
    private static readonly Type[] named =
    [
        typeof(Type), typeof(MethodBase), typeof(FieldInfo), typeof(PropertyInfo), typeof(EventInfo), typeof(Assembly), typeof(Module), typeof(Regex),
        typeof(CultureInfo), typeof(Encoding), typeof(JsonNode), typeof(StringComparer),
    ];

    public static ObjectPlan Create(Type type, PlanTable plans)
    {
        if (plans.CodecFor(type) is { } codec)
            return new CodecPlan(codec);
        if (LeafPlans.ByType.TryGetValue(type, out var leaf))
            return leaf;
        if (type == typeof(TimeZoneInfo))
            return new TimeZonePlan(plans);
        if (Named(type) is { } known)
            return LeafPlans.ByType[known];
        if (Refusals.Refusal.OfType(type) is { } reason)
            return new RefusedPlan(type, reason);
        if (type.IsSubclassOf(typeof(MulticastDelegate)))
            return new DelegatePlan(type);
        if (type.IsArray)
            return ArrayPlan(type, plans);
        if (type.IsValueType)
            return PlanTable.Make<ObjectPlan>(typeof(BoxedPlan<>), [type], plans);
        if (LiveProgress.PlanFor(type) is { } progress)
            return progress;
        if (ComparerPlan.TryCreate(type) is { } comparer)
            return comparer;
        if (type.IsAssignableTo(typeof(Exception)))
            return new ExceptionPlan(type, plans);
        if (type == typeof(Hashtable) || type.IsSubclassOf(typeof(Hashtable)))
            return new HashtablePlan(type, plans);
        return Collection(type, plans)
            ?? (type.IsAbstract ? new RefusedPlan(type, "is abstract, so no object is exactly of this type") : new FieldsPlan(type, plans));
    }

    /// <summary>Whether objects of the type are carried field by field.</summary>
    public static bool IsPlain(Type type) =>
        type.IsClass && !type.IsArray && type != typeof(string) && !type.IsSubclassOf(typeof(Delegate)) && !type.IsAssignableTo(typeof(Exception))
        && !LeafPlans.ByType.ContainsKey(type) && Named(type) is null && Refusals.Refusal.OfType(type) is null && CollectionBase(type) is null
        && type != typeof(TimeZoneInfo) && !type.IsAssignableTo(typeof(Hashtable)) && LiveProgress.PlanFor(type) is null && ComparerPlan.TryCreate(type) is null;

    private static Type? Named(Type type) => named.FirstOrDefault(n => n == type || n.IsAssignableFrom(type));

    private static ObjectPlan ArrayPlan(Type type, PlanTable plans)
    {
        var element = type.GetElementType()!;
        if (element.IsPointer || element.IsFunctionPointer)
            return new RefusedPlan(type, "holds addresses of this process; copy what they point to");
        if (!type.IsSZArray)
            return PlanTable.Make<ObjectPlan>(typeof(BoundedArrayPlan<>), [element], type, plans);
        return plans.IsRaw(element)
            ? PlanTable.Make<ObjectPlan>(typeof(RawArrayPlan<>), [element])
            : PlanTable.Make<ObjectPlan>(typeof(ArrayPlan<>), [element], plans);
    }

    private static Type? CollectionBase(Type type)
    {
        for (var t = type; t is not null; t = t.BaseType)
        {
            if (t.IsGenericType && generic.ContainsKey(t.GetGenericTypeDefinition()))
                return t;
        }

        return null;
    }

    private static ObjectPlan? Collection(Type type, PlanTable plans)
    {
        if (CollectionBase(type) is not { } known)
            return null;
        var definition = known.GetGenericTypeDefinition();
        bool rebuiltOnly = definition != typeof(Dictionary<,>) && definition != typeof(HashSet<>) && definition != typeof(ConcurrentDictionary<,>)
            && definition != typeof(OrderedDictionary<,>);
        bool libraryType = type == known || type.Assembly == known.Assembly;
        if (definition == typeof(List<>) && type != known)
            return new FieldsPlan(type, plans); // a list's own fields do not depend on the process
        if (rebuiltOnly && !libraryType)
            return new RefusedPlan(type, $"is derived from {Refusals.TypeNames.Short(known)}, which is rebuilt from its items; hold one in a field instead");
        return generic[definition](type, known.GetGenericArguments(), plans);
    }

    private static ObjectPlan Rebuilt(string name, Type[] arguments, PlanTable plans) =>
        (ObjectPlan)typeof(RebuiltPlans).GetMethod(name)!.MakeGenericMethod(arguments).Invoke(null, [plans])!;
}
