using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Samovar.Serialization;
using Samovar.Serialization.Wire;

namespace Samovar.Executors.Actors.Captured;

/// <summary>Sends an actor to another process as a proxy, which calls the actor through a port for as long as the work that captured it runs.</summary>
[UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Actors are sent only by code that is annotated.")]
internal sealed class ActorCodec<T> : LiveCodec<Actor<T>>
    where T : class
{
    private const string Unreachable =
        "is called through the program that created it, which only a task or child process of that program on the same machine can do; call it there and pass the result";

    public override void Export(Actor<T> value, IBufferWriter<byte> output, LiveConnector connector)
    {
        var receiver = new CallReceiver<T>(value); // keeps the actor while the work is incomplete
        LivePort port;
        try
        {
            port = connector.OpenForCalls(receiver.Receive);
        }
        catch (NotSupportedException refusal)
        {
            throw new UnsupportedValueException(value, Unreachable, refusal);
        }

        byte[] origin = Shipping.Pack(new ActorOrigin(value.Access.Name, value.Access.ExecutorName, value.Access.Key, port.Id));
        output.Write(origin);
    }

    public override Actor<T> Import(ReadOnlySpan<byte> payload, LiveConnector connector)
    {
        var proxy = new ActorProxy<T>(Shipping.Unpack<ActorOrigin>(payload));
        proxy.Attach(connector.Connect(proxy.Origin.Port, proxy.Receive));
        return new Actor<T>(proxy);
    }
}
