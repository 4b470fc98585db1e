using System.Dynamic;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Objects whose members are added at run time, written as a list of members. Their fields are not written, because they refer to
/// classes that are shared between objects and contain removed members. Event handlers are not written either.</summary>
internal sealed class ExpandoPlan(PlanTable plans) : ObjectPlan(typeof(ExpandoObject))
{
    private readonly SlotPlan<object?> _value = (SlotPlan<object?>)plans.SlotFor(typeof(object));

    public override PlanShape Shape => PlanShape.Deferred;

    public override int LeastBodyBytes => 1;

    // By name, so that its assembly is loaded only by programs that use it.
    public static bool Carries(Type type) => type.FullName == "System.Dynamic.ExpandoObject";

    public override void WriteShell(GraphWriter writer, object value)
    {
    }

    public override object ReadShell(GraphReader reader) => new ExpandoObject();

    public override void WriteBody(GraphWriter writer, object value)
    {
        var members = ((IDictionary<string, object?>)value).ToArray();
        writer.WriteCount(value, members.Length);
        foreach (var (name, member) in members)
        {
            writer.WriteString(name);
            _value.Write(writer, member);
        }
    }

    public override void ReadBody(GraphReader reader, object value)
    {
        var members = (IDictionary<string, object?>)value;
        int count = reader.ReadCount(1 + _value.LeastBytes);
        for (int i = 0; i < count; i++)
        {
            string name = reader.ReadText();
            if (!members.TryAdd(name, _value.Read(reader))) throw reader.Bad($"The member '{name}' appears twice in an ExpandoObject");
        }
    }
}
