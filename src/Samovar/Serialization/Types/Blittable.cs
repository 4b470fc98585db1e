using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Samovar.Serialization.Types;

/// <summary>Which types travel as the bytes they are, and which bytes of them have rules.</summary>
internal static class Blittable
{
    private static readonly object yes = new();
    private static readonly object no = new();
    private static readonly ConcurrentDictionary<Type, object> known = new();

    /// <summary>Whether a value is nothing but bytes: no reference, no pointer, no handle.</summary>
    public static bool Is(Type type) => known.GetOrAdd(type, static t => Decide(t) ? yes : no) == yes;

    /// <summary>The places in a value at which not every combination of bits is allowed.</summary>
    public static BlittableCheck[] ChecksOf<T>() => ContainsRule(typeof(T)) ? [.. ChecksOf(typeof(T), 0)] : [];

    public static bool AreValid<T>(ReadOnlySpan<T> values, BlittableCheck[] checks)
    {
        ref byte start = ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(values));
        int size = Unsafe.SizeOf<T>();
        foreach (var check in checks)
        {
            ref byte at = ref Unsafe.Add(ref start, check.Offset);
            for (int i = 0; i < values.Length; i++, at = ref Unsafe.Add(ref at, size))
            {
                if (!IsValid(check.Rule, ref at)) return false;
            }
        }

        return true;
    }

    private static bool Decide(Type type)
    {
        if (!type.IsValueType || type == typeof(nint) || type == typeof(nuint) || type == typeof(void) || type.IsByRefLike
            || type.ContainsGenericParameters || Nullable.GetUnderlyingType(type) is not null || type == typeof(TypedReference))
        {
            return false;
        }

        if (type.IsPrimitive || type.IsEnum || RuleOf(type) is not null) return true;
        return !WholeValues.Contain(type) && Array.TrueForAll(type.GetFields(TravellingFields.Every), static f => !f.FieldType.IsPointer && !f.FieldType.IsFunctionPointer
#pragma warning disable SYSLIB0050 // IsNotSerialized reads the attribute; it is not about the formatter
            && !f.IsNotSerialized // stays behind at its owner's word, so the bytes cannot be copied whole
#pragma warning restore SYSLIB0050
            && Is(f.FieldType));
    }

    private static IEnumerable<BlittableCheck> ChecksOf(Type type, int offset)
    {
        if (RuleOf(type) is { } rule) return [new BlittableCheck(offset, rule)];
        if (type.IsPrimitive || type.IsEnum || type.IsExplicitLayout || type.IsDefined(typeof(InlineArrayAttribute), false))
            return [];

        // The runtime does not tell offsets: a field set to ones in a value of zeros shows where it lies.
        return type.GetFields(TravellingFields.Every).SelectMany(f => ContainsRule(f.FieldType)
            ? ChecksOf(f.FieldType, offset + OffsetIn(type, f))
            : []);
    }

    private static BlittableRule? RuleOf(Type type) =>
        type == typeof(bool) ? BlittableRule.Boolean
        : type == typeof(decimal) ? BlittableRule.Decimal
        : type == typeof(DateTime) ? BlittableRule.DateTime
        : type == typeof(DateTimeOffset) ? BlittableRule.DateTimeOffset
        : type == typeof(DateOnly) ? BlittableRule.DateOnly
        : type == typeof(TimeOnly) ? BlittableRule.TimeOnly
        : type == typeof(Rune) ? BlittableRule.Rune
        : null;

    private static bool ContainsRule(Type type) => RuleOf(type) is not null
        || (!type.IsPrimitive && !type.IsEnum && Array.Exists(type.GetFields(TravellingFields.Every), static f => ContainsRule(f.FieldType)));

    private static int OffsetIn(Type type, FieldInfo field)
    {
        object box = RuntimeHelpers.GetUninitializedObject(type);
        object ones = RuntimeHelpers.GetUninitializedObject(field.FieldType);
        BytesOf(ones).Fill(0xFF);
        field.SetValue(box, ones);
        return BytesOf(box).IndexOf((byte)0xFF);
    }

    private static unsafe Span<byte> BytesOf(object box) => MemoryMarshal.CreateSpan(
        ref Unsafe.As<Payload>(box).First, (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(box.GetType()).Invoke(null, null)!);

    private static bool IsValid(BlittableRule rule, ref byte at) => rule switch
    {
        BlittableRule.Boolean => at <= 1,
        BlittableRule.Decimal => IsDecimal(Unsafe.ReadUnaligned<int>(ref at)),
        BlittableRule.DateTime => IsDate(Unsafe.ReadUnaligned<ulong>(ref at)),
        BlittableRule.DateTimeOffset => IsDateTimeOffset(Unsafe.ReadUnaligned<DateTimeOffset>(ref at)),
        BlittableRule.DateOnly => Unsafe.ReadUnaligned<uint>(ref at) <= (uint)DateOnly.MaxValue.DayNumber,
        BlittableRule.TimeOnly => Unsafe.ReadUnaligned<ulong>(ref at) < TimeSpan.TicksPerDay,
        BlittableRule.Rune => Rune.IsValid(Unsafe.ReadUnaligned<uint>(ref at)),
        _ => false,
    };

    private static bool IsDate(ulong bits) => (bits & 0x3FFF_FFFF_FFFF_FFFF) <= (ulong)DateTime.MaxValue.Ticks;

    // The first word of a decimal holds sign and scale, in all versions since .NET 5.
    private static bool IsDecimal(int flags) => (flags & 0x7F00_FFFF) == 0 && (flags >> 16 & 0xFF) <= 28;

    private static bool IsDateTimeOffset(DateTimeOffset value)
    {
        // TotalOffsetMinutes and UtcTicks only read the fields, so that they are safe on values no constructor would make.
        long local = value.UtcTicks + value.TotalOffsetMinutes * TimeSpan.TicksPerMinute;
        return Math.Abs(value.TotalOffsetMinutes) <= 14 * 60 && value.UtcTicks >= 0 && value.UtcTicks <= DateTime.MaxValue.Ticks
            && local >= 0 && local <= DateTime.MaxValue.Ticks;
    }

    private sealed class Payload
    {
        public byte First;
    }
}

/// <summary>A place in an unmanaged value that has a rule.</summary>
/// <param name="Offset">In bytes from the start of the value.</param>
/// <param name="Rule">What holds there.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BlittableCheck(int Offset, BlittableRule Rule);

/// <summary>Rules of values whose bits are not all allowed.</summary>
internal enum BlittableRule
{
    Boolean = 0,
    Decimal = 1,
    DateTime = 2,
    DateTimeOffset = 3,
    DateOnly = 4,
    TimeOnly = 5,
    Rune = 6,
}
