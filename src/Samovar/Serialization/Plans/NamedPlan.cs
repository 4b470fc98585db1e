using System.Reflection;
using Samovar.Serialization.Types;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>An object that travels as a reference to the static field that holds it.</summary>
internal sealed class NamedPlan(FieldInfo name) : ObjectPlan(name.FieldType)
{
    private object? _value;

    public override PlanShape Shape => PlanShape.Whole;

    public override bool Produces(Type target) => target.IsAssignableFrom(Type) || Type.IsAssignableFrom(target);

    public override void WriteShell(GraphWriter writer, object value)
    {
    }

    public override object ReadShell(GraphReader reader) => Volatile.Read(ref _value) ?? Load(reader); // SYNC: named object published

    private object Load(GraphReader reader)
    {
        try
        {
            object value = name.GetValue(null) ?? throw reader.Bad($"{Name} is null in this process, but holds an object in the sender's");
            Volatile.Write(ref _value, value); // SYNC: named object published
            return value;
        }
        catch (TargetInvocationException e) when (e.InnerException is TypeInitializationException failed)
        {
            throw reader.Bad($"{Name} cannot be read, because the static constructor of {failed.TypeName} failed in this process: "
                + $"{failed.InnerException?.Message}", e);
        }
    }

    private string Name => $"The static field '{TypeNames.MemberName(name.Name)}' of {TypeNames.Short(name.DeclaringType!)}";
}
