using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Primitives;
using Samovar.Serialization.Closures;
using Samovar.Serialization.Singletons;
using Samovar.Serialization.Types;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Objects, written field by field, including private and read-only fields of all base types. No constructor or setter runs.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class FieldsPlan : ObjectPlan
{
    private readonly PlanTable _plans;
    private readonly Lazy<FieldSet> _fields;
    private readonly bool _inline;
    private volatile FieldCode<object>? _code; // SYNC: code published; a race compiles it twice, which is harmless
    private int _uses;

    public FieldsPlan(Type type, PlanTable plans)
        : base(type)
    {
        _plans = plans;
        _fields = new(() => FieldSet.Of(type, plans));
        _inline = plans.IsInline(type);
        Named = NamedObjects.Of(type);
    }

    /// <summary>Initializes the plan for closures of which a part travels; the other fields arrive as their types' defaults.</summary>
    public FieldsPlan(ClosurePart part, PlanTable plans)
        : base(part.Type)
    {
        _plans = plans;
        _fields = new(() => FieldSet.Of(part, plans));
        _inline = plans.IsInline(part.Travelling());
    }

    public override PlanShape Shape => _inline ? PlanShape.Inline : PlanShape.Deferred;

    public override int LeastBodyBytes => _fields.Value.LeastBytes;

    public override void WriteShell(GraphWriter writer, object value)
    {
    }

    public override object ReadShell(GraphReader reader) => RuntimeHelpers.GetUninitializedObject(Type);

    public override void WriteBody(GraphWriter writer, object value)
    {
        if (Code() is { } code) code.Write(writer, ref value);
        else _fields.Value.Write(writer, value);
    }

    public override void ReadBody(GraphReader reader, object value)
    {
        if (Code() is { } code) code.Read(reader, ref value);
        else _fields.Value.Read(reader, value);
    }

    private FieldCode<object>? Code() => _code ?? (_plans.ShouldCompile(ref _uses) ? _code = FieldCode<object>.Compile(_fields.Value) : null);
}

/// <summary>Boxed values.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class BoxedPlan<T>(PlanTable plans) : ObjectPlan(typeof(T))
    where T : struct
{
    private readonly SlotPlan<T> _slot = plans.Slot<T>();

    public override PlanShape Shape => _slot.IsComplete ? PlanShape.Whole : PlanShape.Deferred;

    public override int LeastBodyBytes => _slot.IsComplete ? 0 : _slot.LeastBytes;

    public override void WriteShell(GraphWriter writer, object value)
    {
        if (_slot.IsComplete) _slot.Write(writer, (T)value);
    }

    public override object ReadShell(GraphReader reader) => _slot.IsComplete ? _slot.Read(reader) : default(T);

    public override void WriteBody(GraphWriter writer, object value)
    {
        if (!_slot.IsComplete) _slot.Write(writer, (T)value);
    }

    public override void ReadBody(GraphReader reader, object value)
    {
        if (!_slot.IsComplete) Unsafe.Unbox<T>(value) = _slot.Read(reader);
    }
}

/// <summary>Objects that cannot travel.</summary>
internal sealed class UnsupportedPlan(Type type, string reason) : ObjectPlan(type)
{
    public override PlanShape Shape => PlanShape.Whole;

    public override bool IsRefused => true;

    public override void WriteShell(GraphWriter writer, object value) => throw new UnsupportedValueException(value, reason);

    public override object ReadShell(GraphReader reader) => throw reader.Bad($"The message contains a {TypeNames.Short(Type)}, which {reason}");
}

/// <summary>Values that can travel only if all their bytes are zero, such as a null handle.</summary>
internal sealed class UnsupportedSlot<T>(string reason) : SlotPlan<T>
    where T : struct
{
    public override int LeastBytes => 1;

    public override bool IsComplete => true;

    public override void Write(GraphWriter writer, T value)
    {
        if (!IsZero(ref value)) throw new UnsupportedValueException(value, reason);
        writer.WriteByte(0);
    }

    // Compares bytes, because Equals of an inline array throws.
    private static bool IsZero(ref T value) =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<T, byte>(ref value), Unsafe.SizeOf<T>()).IndexOfAnyExcept((byte)0) < 0;

    public override T Read(GraphReader reader) => reader.ReadByte() == 0
        ? default
        : throw reader.Bad($"The message contains a {TypeNames.Short(typeof(T))}, which {reason}");
}
