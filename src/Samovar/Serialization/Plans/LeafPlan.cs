using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Objects that are read in one step and refer to no other object.</summary>
internal sealed class LeafPlan<T>(Action<GraphWriter, T> write, Func<GraphReader, T> read) : ObjectPlan(typeof(T))
    where T : class
{
    public override PlanShape Shape => PlanShape.Whole;

    public override bool Produces(Type target) => target.IsAssignableFrom(typeof(T)) || typeof(T).IsAssignableFrom(target);

    public override void WriteShell(GraphWriter writer, object value) => write(writer, (T)value);

    public override object ReadShell(GraphReader reader) => read(reader);
}
