using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Time zones with all their rules, so that they do not depend on the receiver's time zone database. UTC arrives as
/// <see cref="TimeZoneInfo.Utc"/>.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class TimeZonePlan(PlanTable plans) : ObjectPlan(typeof(TimeZoneInfo))
{
    private readonly Lazy<FieldSet> _fields = new(() => FieldSet.Of(typeof(TimeZoneInfo), plans));

    public override PlanShape Shape => PlanShape.Whole;

    public override void WriteShell(GraphWriter writer, object value)
    {
        bool isUtc = ReferenceEquals(value, TimeZoneInfo.Utc);
        writer.WriteByte(isUtc ? (byte)1 : (byte)0);
        if (!isUtc) _fields.Value.Write(writer, value);
    }

    public override object ReadShell(GraphReader reader)
    {
        if (reader.ReadByte() != 0) return TimeZoneInfo.Utc;
        object zone = RuntimeHelpers.GetUninitializedObject(typeof(TimeZoneInfo));
        _fields.Value.Read(reader, zone);
        return zone;
    }
}
