using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Protocol;
using Samovar.Primitives;

namespace Samovar.Cluster.Node;

/// <summary>Checks what arrives at a node, and passes it on.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class NodeReceiver(NodeCore node, EnvelopeSeal seal, NodeItems items, NodePrograms programs) : ClusterReceiver
{
    public override void OnDelivery(ClusterDelivery delivery)
    {
        node.Monitor.Received(delivery);
        var verdict = seal.Open(delivery.Body, out var envelope);
        if (verdict is not (EnvelopeVerdict.Valid or EnvelopeVerdict.TooOld) || envelope.Kind != MessageKind.Tasks)
        {
            node.Monitor.Refused(verdict);
            delivery.DeadLetter(verdict == EnvelopeVerdict.Valid ? $"kind {envelope.Kind} in a task queue" : $"refused: {verdict}");
            return;
        }

        TasksMessage message;
        try
        {
            message = TasksMessage.Read(envelope.Body);
        }
        catch (MessageFormatException error)
        {
            node.Monitor.RefusedMalformed();
            delivery.DeadLetter($"malformed: {error.Message}");
            return;
        }

        if (verdict == EnvelopeVerdict.TooOld)
        {
            node.Monitor.Refused(verdict);
            node.Refuse(message, delivery, $"Node '{node.Name}' refused a message that is older than its MaxMessageAge, or whose sender's clock is ahead. Compare the clocks.");
        }
        else if (node.IsSilent(message.Owner))
        {
            node.Drop(message, delivery);
        }
        else
        {
            if (delivery.PreviousDeliveries > 0) node.SendRedelivered(message);
            programs.Accept(message, delivery);
        }
    }

    public override void OnReply(ReadOnlyMemory<byte> message)
    {
        if (!TryOpen(message, out var envelope)) return;
        node.Owners.Note(envelope.Sender);
        try
        {
            switch (envelope.Kind)
            {
                case MessageKind.Verdict:
                    var decided = VerdictMessage.Read(envelope.Body);
                    if (decided.Node == node.Id) items.Decide(envelope.Sender, decided);
                    break;
                case MessageKind.Settled:
                    items.Settle(envelope.Sender, KeysMessage.Read(envelope.Body));
                    break;
                case MessageKind.Stop:
                    var stop = StopMessage.Read(envelope.Body);
                    if (items.FindToStop(envelope.Sender, stop.Key) is { } stopped) NodePool.Stop(stopped);
                    break;
                case MessageKind.Kill:
                    var kill = StopMessage.Read(envelope.Body);
                    if (items.FindToStop(envelope.Sender, kill.Key) is { } killed) NodePool.Kill(killed, kill.Text);
                    else node.Actors.Kill(envelope.Sender, kill.Key);
                    break;
                case MessageKind.Tasks:
                    Accept(envelope.Sender, TasksMessage.Read(envelope.Body));
                    break;
                case MessageKind.Call:
                    node.Actors.Call(envelope.Sender, ActorCallMessage.Read(envelope.Body));
                    break;
                case MessageKind.Probe:
                    items.AnswerProbe(envelope.Sender, KeysMessage.Read(envelope.Body));
                    break;
                case MessageKind.Share:
                    node.Share(ShareMessage.Read(envelope.Body));
                    break;
                case MessageKind.Drain:
                    if (DrainMessage.Read(envelope.Body).Node == node.Id) node.Drain();
                    break;
                case MessageKind.Live:
                    var live = LiveMessage.Read(envelope.Body);
                    items.FindLink(envelope.Sender, live)?.Send(live.Port, live.Packed.Span);
                    break;
                case MessageKind.ProgramStored:
                    programs.Answer(ProgramStoredMessage.Read(envelope.Body));
                    break;
                default:
                    node.Monitor.Refused(EnvelopeVerdict.Valid);
                    break;
            }
        }
        catch (MessageFormatException)
        {
            node.Monitor.RefusedMalformed();
        }
    }

    public override void OnBroadcast(ReadOnlyMemory<byte> message)
    {
        if (!TryOpen(message, out var envelope)) return;
        if (envelope.Kind is MessageKind.Hello or MessageKind.Alive) node.Owners.Note(envelope.Sender);
        if (envelope.Kind == MessageKind.Hello) node.SendBeacon();
        if (envelope.Kind == MessageKind.Gone) node.OwnerHasLeft(envelope.Sender);
    }

    public override void OnStateChanged(ClusterConnectionState state, Exception? cause)
    {
        node.Monitor.StateChanged(state, cause);
        if (state == ClusterConnectionState.Interrupted) items.DropLost();
        if (state == ClusterConnectionState.Connected)
        {
            node.Owners.ForgetSilence();
            items.Repeat(TimeSpan.Zero);
            node.Actors.Repeat();
            node.SendBeacon();
        }
    }

    /// <summary>Receives tasks whose owner has chosen this node, because it has the resources that they require.</summary>
    private void Accept(Guid sender, TasksMessage message)
    {
        if (message.Owner != sender) throw new MessageFormatException("Tasks for one node come from their owner.");
        if (message.Tasks.Any(static task => task.Requires is null)) throw new MessageFormatException("A task without requirements is for any node.");
        foreach (var ofPriority in message.Tasks.GroupBy(static task => task.Requires!.Priority))
            programs.Accept(message with { Tasks = [.. ofPriority] }, new DirectDelivery(ofPriority.Key));
    }

    private bool TryOpen(ReadOnlyMemory<byte> message, out Envelope envelope)
    {
        var verdict = seal.Open(message, out envelope);
        if (verdict == EnvelopeVerdict.Valid) return true;
        node.Monitor.Refused(verdict);
        return false;
    }
}
