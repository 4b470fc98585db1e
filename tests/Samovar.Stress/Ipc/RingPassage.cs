using System.Diagnostics.CodeAnalysis;
using Samovar.Ipc.Channel;

namespace Samovar.Stress.Ipc;

/// <summary>One thread passes messages of random lengths through a ring to another: each arrives whole, and in its order.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Two threads offer each other the processor, so that they meet in ever different steps.")]
internal sealed class RingPassage(MessageRingWriter writer, MessageRingReader reader, int messages, int seed)
{
    private bool _isOver;

    /// <summary>Passes them.</summary>
    /// <returns>What did not hold; null for nothing.</returns>
    public async Task<string?> RunAsync()
    {
        var writing = Task.Run(Write);
        string? problem = await Task.Run(Read).ConfigureAwait(false);
        Volatile.Write(ref _isOver, true); // a writer whose reader has stopped would wait for room
        await writing.ConfigureAwait(false);
        return problem;
    }

    private void Write()
    {
        var random = new Random(seed);
        for (int i = 0; i < messages; i++)
        {
            int length = sizeof(int) + random.Next(writer.LargestPayload - sizeof(int));
            Span<byte> place;
            while (!writer.TryReserve(length, out place))
            {
                if (Volatile.Read(ref _isOver)) return;
                writer.Publish();
                Thread.Yield();
            }

            place.Fill((byte)i);
            BitConverter.TryWriteBytes(place, i);
            writer.Commit(length, (ushort)length, publish: i % 3 == 0);
        }

        writer.Publish();
    }

    private string? Read()
    {
        for (int i = 0; i < messages;)
        {
            int batch = 0;
            while (batch++ < 5 && reader.TryRead(out RingMessage message))
            {
                if (BitConverter.ToInt32(message.Payload) is var number && number != i) return $"message {number} arrived as number {i}";
                if (message.Payload.Length != message.Tag) return $"message {i} has {message.Payload.Length} bytes of {message.Tag}";
                if (message.Payload[sizeof(int)..].ContainsAnyExcept((byte)i)) return $"message {i} holds bytes of another";
                i++;
            }

            reader.Release();
            if (batch == 1) Thread.Yield();
        }

        return reader.TryRead(out _) ? $"there are more than {messages} messages" : null;
    }
}
