using System.Buffers;
using Samovar.Serialization;

namespace Samovar.Tests.Processes.Faults;

/// <summary>What the reading of a <see cref="Meddler"/> does to the thread that reads it.</summary>
public enum Meddling
{
    Nothing,

    /// <summary>Leaves it interrupted: it would throw where it next blocks.</summary>
    Interrupts,

    /// <summary>Throws what an interrupted thread throws.</summary>
    ThrowsInterrupted,

    /// <summary>Throws what a cancelled loop would take for its own end.</summary>
    ThrowsCanceled,

    /// <summary>Blocks for a moment, so that an interrupt would be seen.</summary>
    Blocks,
}

/// <summary>A result whose reading meddles with the thread that reads it.</summary>
[ShipWith(typeof(Codec))]
internal sealed class Meddler(Meddling meddling, int home)
{
    public Meddler(Meddling meddling)
        : this(meddling, Environment.ProcessId)
    {
    }

    /// <summary>The name of the thread that read it.</summary>
    public string? Reader { get; private init; }

    private sealed class Codec : PayloadCodec<Meddler>
    {
        public override void Write(Meddler value, IBufferWriter<byte> output) => output.Write(value.Bytes());

        public override Meddler Read(ReadOnlySpan<byte> payload)
        {
            var meddling = (Meddling)payload[0];
            int home = BitConverter.ToInt32(payload[1..]);
            if (Environment.ProcessId == home) Meddle(meddling);
            return new Meddler(meddling, home) { Reader = Thread.CurrentThread.Name };
        }

        private static void Meddle(Meddling meddling)
        {
            switch (meddling)
            {
                case Meddling.Interrupts:
                    Thread.CurrentThread.Interrupt();
                    break;
                case Meddling.ThrowsInterrupted:
                    throw new ThreadInterruptedException("the end of this thread");
                case Meddling.ThrowsCanceled:
                    throw new OperationCanceledException("the end of this thread");
                case Meddling.Blocks:
                    using (var never = new ManualResetEvent(initialState: false)) never.WaitOne(1);
                    break;
            }
        }
    }

    private byte[] Bytes() => [(byte)meddling, .. BitConverter.GetBytes(home)];
}
