using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Samovar.Primitives;
using Samovar.Serialization.Closures;
using Samovar.Serialization.Types;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>The fields of a type that travel, in message order: first the unmanaged fields, as one block, then the others.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class FieldSet
{
    private FieldSet(Type type, FieldInfo[] raw, FieldInfo[] rest, SlotPlan[] rawSlots, SlotPlan[] restSlots)
    {
        Type = type;
        Raw = raw;
        Rest = rest;
        RawSlots = rawSlots;
        RestSlots = restSlots;
        foreach (var slot in rawSlots) RawBytes += slot.LeastBytes;
        LeastBytes = RawBytes;
        foreach (var slot in restSlots) LeastBytes += slot.LeastBytes;
    }

    public Type Type { get; }

    public FieldInfo[] Raw { get; }

    public FieldInfo[] Rest { get; }

    public SlotPlan[] RawSlots { get; }

    public SlotPlan[] RestSlots { get; }

    public int LeastBytes { get; }

    /// <summary>The size of the block of unmanaged fields, in bytes.</summary>
    public int RawBytes { get; }

    public bool IsComplete => Array.TrueForAll(RestSlots, s => s.IsComplete);

    public static FieldSet Of(Type type, PlanTable plans) => Of(type, typeof(object), plans);

    /// <summary>Returns the fields of a type and of its base types up to, but not including, <paramref name="stop"/>.</summary>
    public static FieldSet Of(Type type, Type stop, PlanTable plans)
    {
        bool isClosure = ClosureType.Is(type);
        return Of(type, TravellingFields.Of(type, stop), plans, f => isClosure ? ClosureSlot(f, null, plans) : plans.SlotFor(f.FieldType));
    }

    /// <summary>Returns the fields of a closure that a lambda reads.</summary>
    public static FieldSet Of(ClosurePart part, PlanTable plans) => Of(part.Type, part.Travelling(), plans, f => ClosureSlot(f, part.Parent, plans));

    private static FieldSet Of(Type type, List<FieldInfo> fields, PlanTable plans, Converter<FieldInfo, SlotPlan> slot)
    {
        var raw = fields.FindAll(f => plans.IsRaw(f.FieldType)).ToArray();
        var rest = fields.FindAll(f => !plans.IsRaw(f.FieldType)).ToArray();
        return new FieldSet(type, raw, rest, Array.ConvertAll(raw, f => plans.SlotFor(f.FieldType)), Array.ConvertAll(rest, slot));
    }

    private static SlotPlan ClosureSlot(FieldInfo field, ClosurePart? parent, PlanTable plans)
    {
        var slot = plans.SlotFor(field.FieldType);
        if (parent is not null && field.FieldType == parent.Type)
            return PlanTable.Make<SlotPlan>(typeof(ParentSlot<>), [field.FieldType], slot, parent);
        return field.FieldType.IsAssignableTo(typeof(Random)) && plans.CodecFor(field.FieldType) is null
            ? PlanTable.Make<SlotPlan>(typeof(CapturedRandomSlot<>), [field.FieldType], slot)
            : slot;
    }

    /// <summary>Writes the fields by reflection.</summary>
    public void Write(GraphWriter writer, object value)
    {
        for (int i = 0; i < Raw.Length; i++) RawSlots[i].WriteBoxed(writer, Raw[i].GetValue(value));
        for (int i = 0; i < Rest.Length; i++) RestSlots[i].WriteBoxed(writer, Rest[i].GetValue(value));
    }

    /// <summary>Reads the fields by reflection; a structure is passed boxed.</summary>
    public void Read(GraphReader reader, object value)
    {
        for (int i = 0; i < Raw.Length; i++) Raw[i].SetValue(value, RawSlots[i].ReadBoxed(reader));
        for (int i = 0; i < Rest.Length; i++) Rest[i].SetValue(value, RestSlots[i].ReadBoxed(reader));
    }
}
