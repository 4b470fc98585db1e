using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Samovar.Serialization.Types;

/// <summary>Determines which types are copied as raw bytes, and which of those bytes must be validated on arrival.</summary>
/// <remarks>A trimmed program, or one compiled ahead of time, may lack the descriptions of a struct's fields. Such a field is not examined: a struct
/// without references counts as raw bytes there, and a pointer inside it is not noticed.</remarks>
[UnconditionalSuppressMessage("Trimming", "IL2070", Justification = FieldsMayLack)]
[UnconditionalSuppressMessage("Trimming", "IL2067", Justification = FieldsMayLack)]
[UnconditionalSuppressMessage("Trimming", "IL2072", Justification = FieldsMayLack)]
internal static class Blittable
{
    private const string FieldsMayLack = "Only the fields are examined that are described at run time, as the remarks say; a value type needs no constructor.";

    private static readonly object yes = new();
    private static readonly object no = new();
    private static readonly ConcurrentDictionary<Type, object> known = new();

    /// <summary>Whether values of a type can be copied as raw bytes: they contain no reference, no pointer and no handle.</summary>
    public static bool Is(Type type) => known.GetOrAdd(type, static t => Decide(t) ? yes : no) == yes;

    /// <summary>Returns the positions in a value at which some combinations of bits are invalid.</summary>
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
            && !f.IsNotSerialized // excluded by its owner, so the bytes cannot be copied as a whole
#pragma warning restore SYSLIB0050
            && Is(f.FieldType));
    }

    private static IEnumerable<BlittableCheck> ChecksOf(Type type, int offset)
    {
        if (RuleOf(type) is { } rule) return [new BlittableCheck(offset, rule)];
        if (type.IsPrimitive || type.IsEnum || type.IsExplicitLayout || type.IsDefined(typeof(InlineArrayAttribute), false))
            return [];

        // The runtime does not expose field offsets. Setting one field of a zeroed value to all ones reveals its position.
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

    private static Span<byte> BytesOf(object box) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<Payload>(box).First, RuntimeHelpers.SizeOf(box.GetType().TypeHandle));

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

    // The first word of a decimal contains its sign and scale, in all versions since .NET 5.
    private static bool IsDecimal(int flags) => (flags & 0x7F00_FFFF) == 0 && (flags >> 16 & 0xFF) <= 28;

    private static bool IsDateTimeOffset(DateTimeOffset value)
    {
        // TotalOffsetMinutes and UtcTicks only read the fields, so they are safe on values that no constructor would accept.
        long local = value.UtcTicks + value.TotalOffsetMinutes * TimeSpan.TicksPerMinute;
        return Math.Abs(value.TotalOffsetMinutes) <= 14 * 60 && value.UtcTicks >= 0 && value.UtcTicks <= DateTime.MaxValue.Ticks
            && local >= 0 && local <= DateTime.MaxValue.Ticks;
    }

    private sealed class Payload
    {
        public byte First;
    }
}

/// <summary>A position in an unmanaged value that must be validated.</summary>
/// <param name="Offset">The position, in bytes from the start of the value.</param>
/// <param name="Rule">The rule that applies there.</param>
/// <remarks>A class, because the framework's arrays and sequences of a struct would be compiled in each worker.</remarks>
internal sealed record BlittableCheck(int Offset, BlittableRule Rule);

/// <summary>The types of which some combinations of bits are invalid.</summary>
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
