using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Serialization.Types;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Unmanaged values, copied as raw bytes. Types with invalid bit patterns (bool, DateTime, decimal) are validated when read.</summary>
internal sealed class BlittableSlot<T> : SlotPlan<T>
{
    private static readonly BlittableCheck[] checks = Blittable.ChecksOf<T>();

    public override int LeastBytes => Unsafe.SizeOf<T>();

    public override bool IsComplete => true;

    public override void Write(GraphWriter writer, T value) => writer.WriteRaw(value);

    public override T Read(GraphReader reader)
    {
        var value = reader.ReadRaw<T>();
        if (checks.Length > 0) Verify(reader, new ReadOnlySpan<T>(in value));
        return value;
    }

    /// <summary>Validates elements that were copied as raw bytes.</summary>
    public static void Verify(GraphReader reader, ReadOnlySpan<T> values)
    {
        if (checks.Length > 0 && !Blittable.AreValid(values, checks)) throw reader.Bad($"A value is not a valid {typeof(T)}");
    }
}

/// <summary>Strings.</summary>
internal sealed class StringSlot : SlotPlan<string?>
{
    public override int LeastBytes => 1;

    public override bool IsComplete => true;

    public override void Write(GraphWriter writer, string? value) => writer.WriteString(value);

    public override string? Read(GraphReader reader) => reader.ReadString();
}

/// <summary><see cref="Nullable{T}"/>: one byte, followed by the value if it is not null.</summary>
internal sealed class NullableSlot<T>(SlotPlan<T> inner) : SlotPlan<T?>
    where T : struct
{
    public override int LeastBytes => 1;

    public override bool IsComplete => inner.IsComplete;

    public override void Write(GraphWriter writer, T? value)
    {
        writer.WriteByte(value.HasValue ? (byte)1 : (byte)0);
        if (value.HasValue) inner.Write(writer, value.GetValueOrDefault());
    }

    public override T? Read(GraphReader reader) => reader.ReadByte() switch
    {
        0 => null,
        1 => inner.Read(reader),
        var other => throw reader.Bad($"{other} is not a valid marker for a nullable value"),
    };
}

/// <summary>References. The plan of the object's own type writes the object.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class ReferenceSlot<T>(PlanTable plans) : SlotPlan<T?>
    where T : class
{
    private readonly bool _canBeExact = !typeof(T).IsAbstract && !typeof(T).IsInterface && typeof(T) != typeof(Array);
    private volatile ObjectPlan? _exact; // SYNC: plan published

    public override int LeastBytes => 1;

    public override bool IsComplete => typeof(T).IsSealed && Exact?.Shape is PlanShape.Whole && LeafPlans.Knows(typeof(T));

    // Resolved on first use, because types can refer to each other in cycles. Concurrent calls resolve the same plan.
    private ObjectPlan? Exact => _canBeExact ? _exact ??= plans.PlanFor(typeof(T)) : null;

    public override void Write(GraphWriter writer, T? value) => writer.WriteReference(value, value is null ? null : Exact, typeof(T));

    public override T? Read(GraphReader reader) => reader.ReadReference<T>(Exact);
}

/// <summary>A structure that contains references: its fields, one after another.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class StructSlot<T>(PlanTable plans) : SlotPlan<T>
    where T : struct
{
    private readonly Lazy<FieldSet> _fields = new(() => FieldSet.Of(typeof(T), plans));
    private volatile FieldCode<T>? _code; // SYNC: code published; a race compiles it twice, which is harmless
    private int _uses;

    public override int LeastBytes => Math.Max(1, _fields.Value.LeastBytes);

    public override bool IsComplete => _fields.Value.IsComplete;

    public override void Write(GraphWriter writer, T value)
    {
        if (_code is { } code) code.Write(writer, ref value);
        else WriteSlowly(writer, value);
    }

    public override T Read(GraphReader reader)
    {
        if (_code is not { } code) return ReadSlowly(reader);
        T value = default;
        code.Read(reader, ref value);
        return value;
    }

    private void WriteSlowly(GraphWriter writer, T value)
    {
        var fields = _fields.Value;
        if (fields.LeastBytes == 0)
            writer.WriteByte(0); // a structure without fields still takes one byte, so that element counts can be checked
        else if (Code() is { } code) code.Write(writer, ref value);
        else fields.Write(writer, value);
    }

    private T ReadSlowly(GraphReader reader)
    {
        var fields = _fields.Value;
        T value = default;
        if (fields.LeastBytes == 0)
        {
            reader.ReadByte();
        }
        else if (Code() is { } code)
        {
            code.Read(reader, ref value);
        }
        else
        {
            object box = value;
            fields.Read(reader, box);
            value = (T)box;
        }

        return value;
    }

    private FieldCode<T>? Code() => _code ?? (plans.ShouldCompile(ref _uses) ? _code = FieldCode<T>.Compile(_fields.Value) : null);
}
