using Samovar.Serialization.Definitions;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Delegates: the number of the type and method, followed by the object that the delegate is bound to, if there is one.</summary>
/// <remarks>The number is written plus one. A multicast delegate starts with 0 and a count, followed by its parts in their order.</remarks>
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

        // The reader needs the target to create the delegate, so a target that is itself built from its contents, such as a frozen set, must not
        // contain the delegate.
        writer.OpenContainer(whole);
        if (entry.Part is { } read) writer.WriteClosure(part.Target!, read);
        else writer.WriteReference(part.Target, null, typeof(object));
        writer.CloseContainer(whole);
    }

    private Delegate ReadSingle(GraphReader reader, uint code)
    {
        if (code == 0) throw reader.Bad("A delegate has no method");
        var shape = reader.Definitions.Delegate((int)(code - 1));
        if (shape.Type != Type) throw reader.Bad($"The message contains a {shape.Type} where a {Type} is expected");
        reader.FirstDelegate ??= shape;
        if (shape.Kind != TargetKind.Object) return shape.Single;
        var target = reader.ReadReference<object>(null) ?? throw reader.Bad("The object that a delegate is bound to is missing");
        return shape.Bind(target, reader.Plans);
    }
}
