using System.Buffers;
using System.Runtime.InteropServices;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Processes.Protocol;
using Samovar.Processes.Worker;
using Samovar.Serialization;

namespace Samovar.Tests.Processes.Worker;

/// <summary>Work that many tasks share, as a worker reads it.</summary>
public sealed class WorkerWorksTests : IDisposable
{
    private readonly LocalChannelPlatform _platform = new();
    private readonly ParentBell _bell;
    private readonly ParentChannel _parent;
    private readonly WorkerChannel _channel;
    private readonly ShippingReader _reader = new();
    private readonly WorkerWorks _works;

    public WorkerWorksTests()
    {
        _bell = new ParentBell(_platform);
        _parent = new ParentChannel(_bell, new() { WorkCapacity = 4096, ResultsCapacity = 4096, Slots = 2 }) { WorkerId = Environment.ProcessId };
        _channel = WorkerChannel.Open(_platform, _parent.Invitation);
        _works = new WorkerWorks(_channel, _reader, new WorkerPorts(null!)); // the works here hold no live values
    }

    [ThreadFact]
    public unsafe void A_segment_that_cannot_be_opened_fails_one_task_and_the_next_tries_again()
    {
        byte[] message = Write(static () => 5);
        long number;
        using (var last = _platform.CreateSegment(1)) number = last.Address.Number + 1;
        byte[] record = new byte[SegmentRecord.Size];
        MemoryMarshal.Write(record, new SegmentRecord(number, message.Length, message.Length, SegmentUse.Read, IsAwaited: 0));
        _works.Take(new WorkHeader(1, WorkFlags.IsElsewhere), record);

        Should.Throw<IOException>(() => _works.Read(1, out _, out _));
        _works.HasUnread.ShouldBeTrue();

        using var segment = _platform.CreateSegment(message.Length);
        segment.Address.Number.ShouldBe(number);
        message.CopyTo(new Span<byte>(segment.Start, message.Length));
        ((Func<int>)_works.Read(1, out bool wasRead, out _)[0])().ShouldBe(5);
        wasRead.ShouldBeTrue();
        _works.HasUnread.ShouldBeFalse();
    }

    [ThreadFact]
    public void A_message_that_cannot_be_read_is_tried_once_and_fails_each_task_alike()
    {
        byte[] message = Write(static () => 5);
        _works.Take(new WorkHeader(1, WorkFlags.None), message.AsSpan(..^1));

        var first = Should.Throw<ShippingFormatException>(() => _works.Read(1, out _, out _));
        bool wasRead = true;
        Should.Throw<ShippingFormatException>(() => _works.Read(1, out wasRead, out _)).ShouldBeSameAs(first);
        wasRead.ShouldBeFalse();
        _works.HasUnread.ShouldBeFalse();
    }

    [ThreadFact]
    public void Memory_that_a_message_does_not_get_fails_one_task_and_the_next_tries_again()
    {
        var kettle = new Kettle();
        _works.Take(new WorkHeader(1, WorkFlags.None), Write(() => kettle.Litres));

        KettleCodec.Length.Value = int.MaxValue;
        Should.Throw<OutOfMemoryException>(() => _works.Read(1, out _, out _));
        _works.HasUnread.ShouldBeTrue();

        KettleCodec.Length.Value = 7;
        ((Func<int>)_works.Read(1, out _, out _)[0])().ShouldBe(7);
        _works.HasUnread.ShouldBeFalse();
    }

    public void Dispose()
    {
        _channel.Dispose();
        _parent.Dispose();
        _bell.Dispose();
    }

    private byte[] Write(Func<int> work)
    {
        var writer = new ShippingWriter();
        using var body = writer.Prepare<Delegate>(work);
        var definitions = new ArrayBufferWriter<byte>();
        writer.WriteDefinitions(0, body.DefinitionsNeeded, definitions);
        _reader.ReadDefinitions(definitions.WrittenSpan);
        return body.ToArray();
    }

    [ShipWith(typeof(KettleCodec))]
    private sealed class Kettle
    {
        public int Litres { get; init; }
    }

    private sealed class KettleCodec : PayloadCodec<Kettle>
    {
        /// <summary>Bytes that reading asks for; no array may have <see cref="int.MaxValue"/>.</summary>
        public static readonly AsyncLocal<int> Length = new();

        public override void Write(Kettle value, IBufferWriter<byte> output) => output.Write("k"u8);

        public override Kettle Read(ReadOnlySpan<byte> payload) => new() { Litres = GC.AllocateUninitializedArray<byte>(Length.Value).Length };
    }
}
