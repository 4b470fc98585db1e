using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Progress stays connected: what is reported there is reported here, in order.</summary>
internal static class LiveProgress
{
    /// <summary>The slot for a location declared as <see cref="IProgress{T}"/>, whatever implements it; null for other locations.</summary>
    public static SlotPlan? SlotFor(Type location) => location.IsGenericType && location.GetGenericTypeDefinition() == typeof(IProgress<>)
        ? PlanTable.Make<SlotPlan>(typeof(LiveProgressSlot<>), location.GetGenericArguments())
        : null;

    /// <summary>The plan for <see cref="Progress{T}"/> and classes derived from it; null for other types.</summary>
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
        var connector = writer.Connector ?? throw new UnsupportedValueException(value, "reports to where it was made. " + LiveConnector.MissingOnWrite);
        var progress = (IProgress<T>)value;
        writer.WriteRaw(connector.Open(message => progress.Report((T)message!)).Id);
    }

    public override object ReadShell(GraphReader reader)
    {
        var connector = reader.Connector ?? throw reader.Bad(LiveConnector.MissingOnRead.TrimEnd('.'));
        return new Reporter(connector.Connect(reader.ReadRaw<long>(), static _ => { }));
    }

    /// <summary>Sends at once: the base class would hand each report to the thread pool, out of order.</summary>
    private sealed class Reporter(LivePort port) : Progress<T>
    {
        protected override void OnReport(T value) => port.Send(value);
    }
}
