using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using Samovar.Serialization.Closures;
using Samovar.Serialization.Types;

namespace Samovar.Serialization.Wire;

/// <summary>All plans under one set of codecs. Safe for any thread; a plan that two threads make at once is the same plan. Which plan a type gets is decided by the class derived from
/// this one.</summary>
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

    /// <summary>Counts a use of a plan; true from the use on at which compiling it pays.</summary>
    public bool ShouldCompile(ref int uses) => _compilation switch
    {
        PlanCompilation.Never => false,
        PlanCompilation.AtOnce => true,
        _ => Volatile.Read(ref uses) >= UsesBeforeCompiling || Interlocked.Increment(ref uses) >= UsesBeforeCompiling,
    };

    /// <summary>The plan for objects whose run-time type is <paramref name="type"/>.</summary>
    public ObjectPlan PlanFor(Type type)
    {
        if (_plans.TryGetValue(type, out var plan)) return plan;
        plan = MakePlan(type);
        if (plan.Type != type) plan = PlanFor(plan.Type);
        return _plans.GetOrAdd(type, plan);
    }

    /// <summary>The plan for closures of which a part travels.</summary>
    public ObjectPlan PlanFor(ClosurePart part) => _parts.TryGetValue(part, out var plan) ? plan : _parts.GetOrAdd(part, MakePlan(part));

    /// <summary>The plan for the object that a static field holds; a new one at each call.</summary>
    public abstract ObjectPlan PlanFor(FieldInfo name);

    /// <summary>The plan for a location of static type <typeparamref name="T"/>.</summary>
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

    /// <inheritdoc cref="Slot{T}"/>
    public SlotPlan SlotFor(Type type) => _slots.TryGetValue(type, out var slot) ? slot : _slots.GetOrAdd(type, MakeSlot(type));

    /// <summary>Whether values of the type are written as the bytes they are.</summary>
    public bool IsRaw(Type type) => Blittable.Is(type) && !(_hasValueCodecs && HoldsCodecValue(type));

    /// <summary>
    /// Whether an object's body may follow it at once: its fields are values, strings, simple leaves, or objects of sealed types of
    /// which the same holds, a few levels down. What may nest without bound must wait on the stack instead.
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

    /// <summary>The codec that carries a type, if it has one.</summary>
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
            ?? throw new InvalidOperationException($"{made} is named by ShipWith on {type}, but is no PayloadCodec<T> or LiveCodec<T>.");

        static Type? CarrierOf(Type type)
        {
            for (var t = type; t is not null; t = t.BaseType)
            {
                if (t.IsGenericType && t.IsDefined(typeof(ShipWithAttribute), inherit: false)) return t;
            }

            return null;
        }
    }

    /// <summary>Whether a list of such items may be written at once where it is met; see <see cref="IsInline(Type, int)"/>.</summary>
    public bool IsInlineItem(Type type, int levels = 2) => !type.IsPointer && !type.IsFunctionPointer && IsInlineField(type, levels);

    /// <summary>Makes the plan for objects of a type.</summary>
    protected abstract ObjectPlan MakePlan(Type type);

    /// <summary>Makes the plan for closures of which a part travels.</summary>
    protected abstract ObjectPlan MakePlan(ClosurePart part);

    /// <summary>Makes the plan for locations of a type.</summary>
    protected abstract SlotPlan MakeSlot(Type type);

    /// <summary>Whether objects of the sealed type are read in one go and refer to nothing.</summary>
    protected abstract bool IsSimpleLeaf(Type type);

    /// <summary>Whether objects of the type are carried field by field.</summary>
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
