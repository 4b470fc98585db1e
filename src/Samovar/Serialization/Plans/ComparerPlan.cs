using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>The runtime's own comparers without state: each arrives as the one of its kind, so that fast paths that test for it still do.</summary>
internal sealed class ComparerPlan(Type type, object instance) : ObjectPlan(type)
{
    public override PlanShape Shape => PlanShape.Whole;

    public static ComparerPlan? TryCreate(Type type)
    {
        if (type == typeof(ReferenceEqualityComparer))
            return new ComparerPlan(type, ReferenceEqualityComparer.Instance);
        if (type.Assembly != typeof(object).Assembly)
            return null;
        for (var t = type; t is not null; t = t.BaseType)
        {
            if (!t.IsGenericType || type.GetFields(FieldSet.Every).Length > 0)
                continue;
            var definition = t.GetGenericTypeDefinition();
            if (definition == typeof(EqualityComparer<>) || definition == typeof(Comparer<>))
                return new ComparerPlan(t, t.GetProperty("Default")!.GetValue(null)!);
        }

        return null;
    }

    public override bool Produces(Type target) => target.IsInstanceOfType(instance);

    public override void WriteShell(GraphWriter writer, object value)
    {
    }

    public override object ReadShell(GraphReader reader) => instance;
}
