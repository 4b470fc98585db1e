using Samovar.Serialization.Definitions;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Delegates: their method as a number of the connection, and the object they are bound to if there is one.</summary>
/// <remarks>0 and a count stand before the parts of a multicast delegate, in their order; else one plus the method's number.</remarks>
internal sealed class DelegatePlan(Type type) : ObjectPlan(type)
{
    public override PlanShape Shape => PlanShape.Whole;

    public override void WriteShell(GraphWriter writer, object value)
    {
        var bound = (Delegate)value;
        writer.BeginNested(value);
        if (bound.HasSingleTarget)
        {
            WriteSingle(writer, bound, bound);
        }
        else
        {
            var parts = bound.GetInvocationList();
            writer.WriteByte(0);
            writer.WriteCount(value, parts.Length);
            foreach (var part in parts) WriteSingle(writer, part, bound);
        }

        writer.EndNested();
    }

    public override object ReadShell(GraphReader reader)
    {
        reader.BeginNested();
        uint code = reader.ReadVarUInt();
        Delegate made;
        if (code != 0)
        {
            made = ReadSingle(reader, code);
        }
        else
        {
            var parts = new Delegate[reader.ReadCount(1)];
            if (parts.Length < 2) throw reader.Bad("A multicast delegate has fewer than two parts");
            for (int i = 0; i < parts.Length; i++) parts[i] = ReadSingle(reader, reader.ReadVarUInt());
            made = Delegate.Combine(parts)!;
        }

        reader.EndNested();
        return made;
    }

    private static void WriteSingle(GraphWriter writer, Delegate part, Delegate whole)
    {
        var entry = writer.Definitions.DelegateOf(part);
        writer.WriteDelegate(entry.Id);
        if (entry.Target != TargetKind.Object) return;

        // The reader has no delegate before it has the target: a frozen set as target, say, must not hold the delegate.
        writer.OpenContainer(whole);
        if (entry.Part is { } read) writer.WriteClosure(part.Target!, read);
        else writer.WriteReference(part.Target, null, typeof(object));
        writer.CloseContainer(whole);
    }

    private Delegate ReadSingle(GraphReader reader, uint code)
    {
        if (code == 0) throw reader.Bad("A delegate has no method");
        var shape = reader.Definitions.Delegate((int)(code - 1));
        if (shape.Type != Type) throw reader.Bad($"A {shape.Type} stands where a {Type} belongs");
        if (shape.Kind != TargetKind.Object) return shape.Single;
        var target = reader.ReadReference<object>(null) ?? throw reader.Bad("A delegate lacks the object it is bound to");
        return shape.Bind(target, reader.Plans);
    }
}
