using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Serialization.Closures;
using Samovar.Serialization.Types;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>The table with the plans and slots of this folder.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class StandardPlans : PlanTable
{
    private static readonly StandardPlans[] shared =
        [new([], PlanCompilation.AfterSomeUses), new([], PlanCompilation.AtOnce), new([], PlanCompilation.Never)];

    private static readonly ConditionalWeakTable<ShippingOptions, StandardPlans> own = new();

    private StandardPlans(IReadOnlyList<PayloadCodec> codecs, PlanCompilation compilation)
        : base(codecs, compilation)
    {
    }

    /// <summary>Returns the table for a set of options. There is one table for each options object with codecs, and one for each compilation mode
    /// that all others share.</summary>
    public static StandardPlans For(ShippingOptions options) => options.Codecs.Count == 0
        ? shared[(int)options.Compilation]
        : own.GetValue(options, static o => new StandardPlans([.. o.Codecs], o.Compilation));

    public override ObjectPlan PlanFor(FieldInfo name) => new NamedPlan(name);

    protected override ObjectPlan MakePlan(Type type) => PlanFactory.Create(type, this);

    protected override ObjectPlan MakePlan(ClosurePart part) => PlanFactory.Create(part, this);

    protected override bool IsSimpleLeaf(Type type) => LeafPlans.Knows(type);

    protected override bool IsPlain(Type type) => PlanFactory.IsPlain(type);

    protected override SlotPlan MakeSlot(Type type)
    {
        if (type == typeof(string)) return new StringSlot();
        if (CodecFor(type) is { } codec && (type.IsValueType || codec.Type == type))
        {
            return type.IsValueType
                ? Make<SlotPlan>(typeof(CodecValueSlot<>), [type], codec)
                : Make<SlotPlan>(typeof(CodecReferenceSlot<>), [type], codec, this);
        }

        if (LiveProgress.SlotFor(type) is { } progress) return progress;
        if (!type.IsValueType) return Make<SlotPlan>(typeof(ReferenceSlot<>), [type], this);
        if (Nullable.GetUnderlyingType(type) is { } inner) return Make<SlotPlan>(typeof(NullableSlot<>), [inner], SlotFor(inner));
        if (ValueSlots.Find(type, this) is { } whole) return whole;
        if (IsRaw(type)) return CommonSlots.SlotOf(type) ?? Make<SlotPlan>(typeof(BlittableSlot<>), [type]);
        if (UnsupportedTypes.OfType(type) is { } reason) return Make<SlotPlan>(typeof(UnsupportedSlot<>), [type], reason);
        return Make<SlotPlan>(typeof(StructSlot<>), [type], this);
    }
}
