using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Serialization.Closures;
using Samovar.Serialization.Types;

namespace Samovar.Serialization.Wire;

/// <summary>All plans and slots for one set of codecs; a derived class selects the plan for each type. Safe for any thread: if two threads create
/// a plan concurrently, both get the same one.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal abstract class PlanTable
{
    private const int UsesBeforeCompiling = 3;

    private static readonly object yes = new();

    private readonly IReadOnlyList<PayloadCodec> _codecs;
    private readonly PlanCompilation _compilation;
    private readonly ConcurrentDictionary<Type, ObjectPlan> _plans = new();
    private readonly ConcurrentDictionary<ClosurePart, ObjectPlan> _parts = new();
    private readonly ConcurrentDictionary<Type, SlotPlan> _slots = new();
    private readonly ConcurrentDictionary<Type, object>[] _inline = [new(), new(), new(), new()];
    private readonly bool _hasValueCodecs;
    private SlotPlan?[] _byNumber = new SlotPlan?[16];

    protected PlanTable(IReadOnlyList<PayloadCodec> codecs, PlanCompilation compilation)
    {
        _codecs = codecs;
        _compilation = RuntimeFeature.IsDynamicCodeCompiled ? compilation : PlanCompilation.Never;
        _hasValueCodecs = codecs.Count > 0 && codecs.Any(c => c.Type.IsValueType);
    }

    public bool CanCompile => _compilation != PlanCompilation.Never;

    /// <summary>Counts one use of a plan, and returns whether it has enough uses to be compiled.</summary>
    public bool ShouldCompile(ref int uses) => _compilation switch
    {
        PlanCompilation.Never => false,
        PlanCompilation.AtOnce => true,
        _ => Volatile.Read(ref uses) >= UsesBeforeCompiling || Interlocked.Increment(ref uses) >= UsesBeforeCompiling,
    };

    /// <summary>Returns the plan for objects whose run-time type is <paramref name="type"/>.</summary>
    public ObjectPlan PlanFor(Type type)
    {
        if (_plans.TryGetValue(type, out var plan)) return plan;
        plan = MakePlan(type);
        if (plan.Type != type) plan = PlanFor(plan.Type);
        return _plans.GetOrAdd(type, plan);
    }

    /// <summary>Returns the plan for closures of which a part travels.</summary>
    public ObjectPlan PlanFor(ClosurePart part) => _parts.TryGetValue(part, out var plan) ? plan : _parts.GetOrAdd(part, MakePlan(part));

    /// <summary>Creates a plan for the object in a static field; each call returns a new one.</summary>
    public abstract ObjectPlan PlanFor(FieldInfo name);

    /// <summary>Returns the slot for locations of static type <typeparamref name="T"/>.</summary>
    public SlotPlan<T> Slot<T>()
    {
        int number = TypeNumber<T>.Value;
        var known = Volatile.Read(ref _byNumber); // SYNC: slots by number
        if (number < known.Length && Volatile.Read(ref known[number]) is { } slot) // SYNC: slots by number
            return Unsafe.As<SlotPlan<T>>(slot);
        var made = (SlotPlan<T>)SlotFor(typeof(T));
        lock (_plans)
        {
            if (number >= _byNumber.Length)
            {
                var larger = new SlotPlan?[Math.Max(number + 1, _byNumber.Length * 2)];
                _byNumber.CopyTo(larger, 0);
                Volatile.Write(ref _byNumber, larger); // SYNC: slots by number
            }

            Volatile.Write(ref _byNumber[number], made); // SYNC: slots by number
        }

        return made;
    }

    /// <summary>Returns the slot for locations of static type <paramref name="type"/>.</summary>
    public SlotPlan SlotFor(Type type) => _slots.TryGetValue(type, out var slot) ? slot : _slots.GetOrAdd(type, MakeSlot(type));

    /// <summary>Whether values of the type are written as raw bytes.</summary>
    public bool IsRaw(Type type) => Blittable.Is(type) && !(_hasValueCodecs && HoldsCodecValue(type));

    /// <summary>
    /// Whether the body of an object can directly follow its shell: its fields are values, strings, simple leaves, or objects of sealed types
    /// that also meet this condition, down to a few levels. An object that can nest without bound must be deferred to the stack instead.
    /// </summary>
    public bool IsInline(Type type, int levels = 3)
    {
        if (_inline[levels].TryGetValue(type, out object? known)) return known == yes;
        bool inline = IsInline(TravellingFields.Of(type), levels);
        _inline[levels][type] = inline ? yes : this;
        return inline;
    }

    /// <inheritdoc cref="IsInline(Type, int)"/>
    public bool IsInline(List<FieldInfo> fields, int levels = 3) => fields.TrueForAll(f => IsInlineField(f.FieldType, levels));

    /// <summary>Returns the codec for a type; null if it has none.</summary>
    public PayloadCodec? CodecFor(Type type)
    {
        foreach (var codec in _codecs)
        {
            if (codec.Type == type || ((codec.Type.IsInterface || codec.Type.IsAbstract) && codec.Type.IsAssignableFrom(type)))
                return codec;
        }

        if (type.GetCustomAttribute<ShipWithAttribute>(inherit: true) is not { } attribute) return null;
        var made = attribute.Codec.IsGenericTypeDefinition && CarrierOf(type) is { } carrier
            ? attribute.Codec.MakeGenericType(carrier.GetGenericArguments())
            : attribute.Codec;
        return Activator.CreateInstance(made, nonPublic: true) as PayloadCodec
            ?? throw new InvalidOperationException($"[ShipWith] on {type} specifies {made}, which is neither a PayloadCodec<T> nor a LiveCodec<T>.");

        static Type? CarrierOf(Type type)
        {
            for (var t = type; t is not null; t = t.BaseType)
            {
                if (t.IsGenericType && t.IsDefined(typeof(ShipWithAttribute), inherit: false)) return t;
            }

            return null;
        }
    }

    /// <summary>Whether the items of a list can be written at the first reference to it; see <see cref="IsInline(Type, int)"/>.</summary>
    public bool IsInlineItem(Type type, int levels = 2) => !type.IsPointer && !type.IsFunctionPointer && IsInlineField(type, levels);

    /// <summary>Creates the plan for objects of a type.</summary>
    protected abstract ObjectPlan MakePlan(Type type);

    /// <summary>Creates the plan for closures of which a part travels.</summary>
    protected abstract ObjectPlan MakePlan(ClosurePart part);

    /// <summary>Creates the slot for locations of a type.</summary>
    protected abstract SlotPlan MakeSlot(Type type);

    /// <summary>Whether objects of a type are read in one step and refer to no other object.</summary>
    protected abstract bool IsSimpleLeaf(Type type);

    /// <summary>Whether objects of a type are written field by field.</summary>
    protected abstract bool IsPlain(Type type);

    private bool IsInlineField(Type type, int levels)
    {
        if (IsRaw(type) || type == typeof(string) || IsSimpleLeaf(type)) return true;
        if (Nullable.GetUnderlyingType(type) is { } inner) return IsInlineField(inner, levels);
        if (levels == 0 || CodecFor(type) is not null) return false;
        if (type.IsSZArray) return IsInlineItem(type.GetElementType()!, levels - 1);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>))
            return IsInlineItem(type.GetGenericArguments()[0], levels - 1);
        if (type.IsValueType) return !WholeValues.Contain(type) && !type.ContainsGenericParameters && IsInline(type, levels - 1);
        return type.IsSealed && IsPlain(type) && IsInline(type, levels - 1);
    }

    private bool HoldsCodecValue(Type type) => CodecFor(type) is not null
        || (!type.IsPrimitive && !type.IsEnum && type.GetFields(TravellingFields.Every).Any(f => HoldsCodecValue(f.FieldType)));

    internal static T Make<T>(Type generic, Type[] arguments, params object?[] parameters) =>
        (T)Activator.CreateInstance(generic.MakeGenericType(arguments), BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, null, parameters, null)!;

    private static class TypeNumber
    {
        private static int last = -1;

        public static int Next() => Interlocked.Increment(ref last);
    }

    private static class TypeNumber<T>
    {
        public static readonly int Value = TypeNumber.Next();
    }
}
