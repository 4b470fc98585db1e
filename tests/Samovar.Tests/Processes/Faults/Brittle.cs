using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Samovar.Processes.Platform;
using Samovar.Serialization;
using Samovar.Tests.Child;

namespace Samovar.Tests.Processes.Faults;

/// <summary>How something ends.</summary>
public enum Fault
{
    Exception,
    Exit,
    SegmentationFault,
    Abort,
    FailFast,
    StackOverflow,
    Kill,
}

/// <summary>Where on its way a <see cref="Brittle"/> ends.</summary>
public enum Station
{
    Nowhere,
    ParentWrites,
    WorkerReads,
    Running,
    WorkerWrites,
    ParentReads,
}

/// <summary>Travels to a worker and back, and ends what carries it at one station of the way.</summary>
[SupportedOSPlatform("linux")]
[ShipWith(typeof(Codec))]
internal sealed class Brittle(Fault fault, Station station, byte[] load, int home)
{
    /// <summary>What a worker writes to stderr before it ends.</summary>
    public const string LastWords = "these are the last words";

    public Brittle(Fault fault, Station station, int load)
        : this(fault, station, new byte[load], Environment.ProcessId)
    {
    }

    private bool IsHome => Environment.ProcessId == home;

    public Brittle Run()
    {
        EndAt(Station.Running);
        return this;
    }

    private void EndAt(Station at)
    {
        if (at != station) return;
        if (!IsHome) Console.Error.WriteLine(LastWords);
        switch (fault)
        {
            case Fault.Exception: throw new InvalidOperationException($"brittle: {at}");
            case Fault.Exit: Environment.Exit(3); break;
            case Fault.SegmentationFault: _ = NativeCrash.strlen(16); break;
            case Fault.Abort: NativeCrash.abort(); break;
            case Fault.FailFast: Environment.FailFast("brittle"); break;
            case Fault.StackOverflow: _ = Deeper(1); break;
            case Fault.Kill: _ = LinuxProcessCalls.kill(Environment.ProcessId, LinuxProcessCalls.SigKill); break;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Deeper(int depth)
    {
        Span<byte> room = stackalloc byte[4096]; // few frames, so that the runtime's own account of them is short
        room[depth & 4095] = 1;
        return Deeper(depth + 1) + room[0];
    }

    private sealed class Codec : PayloadCodec<Brittle>
    {
        private const int HeaderSize = 3 * sizeof(int);

        public override void Write(Brittle value, IBufferWriter<byte> output)
        {
            value.EndAt(value.IsHome ? Station.ParentWrites : Station.WorkerWrites);
            output.Write(MemoryMarshal.AsBytes<int>(value.Header()));
            output.Write(value.Load());
        }

        public override Brittle Read(ReadOnlySpan<byte> payload)
        {
            int[] header = new int[HeaderSize / sizeof(int)];
            payload[..HeaderSize].CopyTo(MemoryMarshal.AsBytes(header.AsSpan()));
            var value = new Brittle((Fault)header[0], (Station)header[1], payload[HeaderSize..].ToArray(), header[2]);
            value.EndAt(value.IsHome ? Station.ParentReads : Station.WorkerReads);
            return value;
        }
    }

    private int[] Header() => [(int)fault, (int)station, home];

    private byte[] Load() => load;
}
