using System.Runtime.CompilerServices;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Cancellation tokens, which stay connected: cancelling the sender's source cancels the receiver's token.</summary>
/// <remarks>Tokens of one source arrive as tokens of one source. Without a connector, a message can only contain tokens that are already
/// canceled or can never be.</remarks>
internal sealed class CancellationSlot : SlotPlan<CancellationToken>
{
    private const byte None = 0;
    private const byte Canceled = 1;
    private const byte Live = 2;

    private static readonly SourcePlan source = new();

    public override int LeastBytes => 1;

    public override bool IsComplete => true;

    public override void Write(GraphWriter writer, CancellationToken value)
    {
        if (!value.CanBeCanceled)
        {
            writer.WriteByte(None);
        }
        else if (value.IsCancellationRequested)
        {
            writer.WriteByte(Canceled);
        }
        else
        {
            writer.WriteByte(Live);
            writer.WriteReferenceAs(SourceOf(ref value)!, source);
        }
    }

    public override CancellationToken Read(GraphReader reader) => reader.ReadByte() switch
    {
        None => CancellationToken.None,
        Canceled => new CancellationToken(canceled: true),
        Live => reader.ReadReference<CancellationTokenSource>(source)?.Token ?? throw reader.Bad("A cancellation token has no source"),
        var other => throw reader.Bad($"{other} is not a valid marker for a cancellation token"),
    };

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_source")]
    private static extern ref CancellationTokenSource? SourceOf(ref CancellationToken token);

    private sealed class SourcePlan() : ObjectPlan(typeof(CancellationTokenSource))
    {
        public override PlanShape Shape => PlanShape.Whole;

        public override void WriteShell(GraphWriter writer, object value)
        {
            var connector = writer.Connector ?? throw new UnsupportedValueException(value, "is the source of a token that can still be cancelled. " + LiveConnector.MissingOnWrite);
            var port = connector.Open(static _ => { });
            port.Own(((CancellationTokenSource)value).Token.UnsafeRegister(static p => ((LivePort)p!).Send(null), port));
            writer.WriteRaw(port.Id);
        }

        public override object ReadShell(GraphReader reader)
        {
            var connector = reader.Connector ?? throw reader.Bad(LiveConnector.MissingOnRead.TrimEnd('.'));
            long id = reader.ReadRaw<long>();
            var twin = new CancellationTokenSource();
            connector.Connect(id, _ => twin.Cancel());
            return twin;
        }
    }
}
