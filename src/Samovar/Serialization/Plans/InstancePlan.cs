using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;
using Samovar.Serialization.Types;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>
/// The runtime's singletons: <see cref="Random.Shared"/>, and comparers without state, so that code with a fast path for the default comparer
/// still takes that path.
/// </summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class InstancePlan(Type type, object instance) : ObjectPlan(type)
{
    public override PlanShape Shape => PlanShape.Whole;

    public static InstancePlan? TryCreate(Type type)
    {
        if (type == typeof(ReferenceEqualityComparer)) return new InstancePlan(type, ReferenceEqualityComparer.Instance);
        if (type == Random.Shared.GetType()) return new InstancePlan(type, Random.Shared);
        if (type.Assembly != typeof(object).Assembly) return null;
        for (var t = type; t is not null; t = t.BaseType)
        {
            if (!t.IsGenericType || type.GetFields(TravellingFields.Every).Length > 0) continue;
            var definition = t.GetGenericTypeDefinition();
            if (definition == typeof(EqualityComparer<>) || definition == typeof(Comparer<>))
                return new InstancePlan(t, t.GetProperty("Default")!.GetValue(null)!);
        }

        return null;
    }

    public override bool Produces(Type target) => target.IsInstanceOfType(instance);

    public override void WriteShell(GraphWriter writer, object value)
    {
    }

    public override object ReadShell(GraphReader reader) => instance;
}
