using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Serialization.Closures;
using Samovar.Serialization.Plans;
using Samovar.Serialization.Types;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Unsupported;

/// <summary>Finds the path from a root to the object that cannot travel. Runs only after a refusal, so that writing does not track paths.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class UnsupportedValuePath
{
    private readonly Queue<Step> _open = new();
    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<object, HashSet<ClosurePart>> _seenParts = new(ReferenceEqualityComparer.Instance);
    private readonly PlanTable _plans;
    private readonly object _culprit;

    private UnsupportedValuePath(PlanTable plans, object culprit)
    {
        _plans = plans;
        _culprit = culprit;
    }

    /// <summary>Returns the shortest path to the culprit; null if the search does not find it. A value without identity is found by its type and
    /// content.</summary>
    public static Step? Find(object? root, object? culprit, PlanTable plans)
    {
        if (root is null || culprit is null) return null;
        var search = new UnsupportedValuePath(plans, culprit);
        search._open.Enqueue(new Step(null, "", root));
        while (search._open.TryDequeue(out var step))
        {
            if (search.IsCulprit(step.Value)) return step;
            if (step.Value.GetType().IsValueType || search.IsNew(step)) search.Expand(step);
        }

        return null;
    }

    // A closure is visited once for each different part that a lambda reads.
    private bool IsNew(Step step)
    {
        if (step.Part is null) return _seen.Add(step.Value);
        if (!_seenParts.TryGetValue(step.Value, out var parts)) _seenParts[step.Value] = parts = [];
        return parts.Add(step.Part);
    }

    private bool IsCulprit(object value)
    {
        var type = _culprit.GetType();
        return !type.IsValueType ? ReferenceEquals(value, _culprit)
            : value.GetType() == type && (type.IsDefined(typeof(InlineArrayAttribute), inherit: false) || Equals(value, _culprit)); // Equals of an inline array throws
    }

    private void Expand(Step step)
    {
        switch (step.Value)
        {
            case string or Type or MemberInfo or Assembly or Module:
                return;
            case Delegate bound:
                ExpandDelegate(step, bound);
                return;
            case IEnumerable when IsData(step.Value.GetType()):
                return; // possibly millions of bytes or numbers, none of which can be the culprit
            case Array array when !array.GetType().GetElementType()!.IsPointer:
                ExpandItems(step, array);
                return;
            case IDictionary dictionary when Lists(step.Value.GetType()):
                foreach (DictionaryEntry entry in dictionary)
                {
                    Add(step, $"[{Label(entry.Key)}]", entry.Value);
                    Add(step, "[key]", entry.Key);
                }

                return;
            case IDictionary<string, object?> members when ExpandoPlan.Carries(step.Value.GetType()):
                foreach (var (name, member) in members) Add(step, name, member);
                return;
            case IEnumerable items when Lists(step.Value.GetType()):
                ExpandItems(step, items);
                return;
            case CancellationToken token:
                Add(step, "", SourceOf(token));
                return;
            default:
                ExpandFields(step);
                return;
        }
    }

    private void ExpandDelegate(Step step, Delegate bound)
    {
        if (!bound.HasSingleTarget)
        {
            int part = 0;
            foreach (var single in bound.GetInvocationList()) Add(step, $"[{part++}]", single);
        }
        else if (bound.Target is { } target)
        {
            bool isClosure = target.GetType().IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);
            Add(step, isClosure ? "closure" : bound.Method.Name.StartsWith('<') ? "closure.this" : "target", target, ClosurePart.Of(bound.Method, target.GetType()));
        }
    }

    private void ExpandItems(Step step, IEnumerable items)
    {
        int index = 0;
        foreach (object? item in items) Add(step, $"[{index++}]", item);
    }

    private void ExpandFields(Step step)
    {
        var type = step.Value.GetType();
        if (type.IsPrimitive || type.IsEnum || UnsupportedTypes.OfType(type) is not null || _plans.CodecFor(type) is not null)
            return;
        if (_plans.PlanFor(type).Named?.FieldOf(step.Value) is not null) return; // travels as a reference to the field that holds it
        var fields = step.Part?.Travelling() ?? TravellingFields.Of(type);

        // Fields of the object's own class come first, because the user knows them best.
        for (int i = fields.Count - 1; i >= 0; i--)
        {
            if (!fields[i].FieldType.IsPointer && !Blittable.Is(fields[i].FieldType) && fields[i].FieldType != typeof(string))
            {
                var parent = fields[i].FieldType == step.Part?.Parent?.Type ? step.Part.Parent : null;
                Add(step, TypeNames.MemberName(fields[i].Name), fields[i].GetValue(step.Value), parent);
            }
        }
    }

    private void Add(Step parent, string label, object? value, ClosurePart? part = null)
    {
        if (value is not null) _open.Enqueue(new Step(parent, label, value) { Part = part });
    }

    // The path goes through the items of .NET's own collections, and through the fields of other collections.
    private static bool Lists(Type type) => type.Assembly == typeof(List<>).Assembly
        || type.FullName?.StartsWith("System.Collections.", StringComparison.Ordinal) == true;

    private static bool IsData(Type type) => type.IsArray ? Blittable.Is(type.GetElementType()!)
        : Lists(type) && type.IsGenericType && Array.TrueForAll(type.GetGenericArguments(), Blittable.Is);

    private static string Label(object key) => key is string text ? $"\"{text}\"" : key.GetType().IsPrimitive || key is Enum ? $"{key}" : TypeNames.Short(key.GetType());

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_source")]
    private static extern ref CancellationTokenSource? SourceOf(ref CancellationToken token);

    private static CancellationTokenSource? SourceOf(CancellationToken token) => SourceOf(ref token);

    /// <summary>One step of the path: an object, and the name under which its owner holds it.</summary>
    internal sealed record Step(Step? Owner, string Name, object Value)
    {
        /// <summary>The part of a closure that travels; null if the object travels whole.</summary>
        public ClosurePart? Part { get; init; }

        /// <summary>Enumerates the steps from this one up to the root.</summary>
        public IEnumerable<Step> Upwards()
        {
            for (var step = this; step is not null; step = step.Owner) yield return step;
        }

        public override string ToString()
        {
            var path = "";
            foreach (var step in Upwards().Reverse())
            {
                if (step.Name.Length > 0) path += step.Name.StartsWith('[') || path.Length == 0 ? step.Name : "." + step.Name;
            }

            return path.Length == 0 ? "value" : path;
        }
    }
}
