using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Progress objects, which stay connected: the sender's object gets the receiver's reports, in order.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class LiveProgress
{
    /// <summary>Returns the slot for locations of static type <see cref="IProgress{T}"/>, for any implementation; null for others.</summary>
    public static SlotPlan? SlotFor(Type location) => location.IsGenericType && location.GetGenericTypeDefinition() == typeof(IProgress<>)
        ? PlanTable.Make<SlotPlan>(typeof(LiveProgressSlot<>), location.GetGenericArguments())
        : null;

    /// <summary>Returns the plan for <see cref="Progress{T}"/> and classes derived from it; null for other types.</summary>
    public static ObjectPlan? PlanFor(Type type)
    {
        for (var t = type; t is not null; t = t.BaseType)
        {
            if (t.IsGenericType && t.GetGenericTypeDefinition() == typeof(Progress<>))
                return PlanTable.Make<ObjectPlan>(typeof(LiveProgressPlan<>), t.GetGenericArguments());
        }

        return null;
    }
}

/// <inheritdoc cref="LiveProgress"/>
internal sealed class LiveProgressSlot<T> : SlotPlan<IProgress<T>?>
{
    private static readonly LiveProgressPlan<T> plan = new();

    public override int LeastBytes => 1;

    public override bool IsComplete => true;

    public override void Write(GraphWriter writer, IProgress<T>? value)
    {
        if (value is null) writer.WriteByte(GraphWriter.NullReference);
        else writer.WriteReferenceAs(value, plan);
    }

    public override IProgress<T>? Read(GraphReader reader) => reader.ReadReference<IProgress<T>>(plan);
}

/// <inheritdoc cref="LiveProgress"/>
internal sealed class LiveProgressPlan<T>() : ObjectPlan(typeof(Progress<T>))
{
    public override PlanShape Shape => PlanShape.Whole;

    public override void WriteShell(GraphWriter writer, object value)
    {
        var connector = writer.Connector ?? throw new UnsupportedValueException(value, "reports to the process that created it. " + LiveConnector.MissingOnWrite);
        var progress = (IProgress<T>)value;
        writer.WriteRaw(connector.Open(message => progress.Report((T)message!)).Id);
    }

    public override object ReadShell(GraphReader reader)
    {
        var connector = reader.Connector ?? throw reader.Bad(LiveConnector.MissingOnRead.TrimEnd('.'));
        return new Reporter(connector.Connect(reader.ReadRaw<long>(), static _ => { }));
    }

    /// <summary>Sends each report immediately. The base class would post it to the thread pool, which does not preserve the order.</summary>
    private sealed class Reporter(LivePort port) : Progress<T>
    {
        protected override void OnReport(T value) => port.Send(value);
    }
}
