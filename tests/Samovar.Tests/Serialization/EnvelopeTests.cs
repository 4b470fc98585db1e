using System.Diagnostics;
using Samovar.Serialization;

namespace Samovar.Tests.Serialization;

public sealed class EnvelopeTests
{
    private static readonly EnvelopeHeader full = new()
    {
        Kind = EnvelopeKind.Task,
        Traits = EnvelopeTraits.Batch | EnvelopeTraits.BodyElsewhere,
        Id = long.MaxValue - 1,
        Deadline = 123456789012345,
        BodyLength = 1000,
        DefinitionsNeeded = 77,
        Attempt = 3,
        Priority = -5,
        TraceId = UInt128.MaxValue - 12,
        SpanId = 0x0102030405060708,
    };

    [ThreadFact]
    public void A_header_comes_back_as_it_was_written()
    {
        var bytes = new byte[EnvelopeHeader.Size];
        full.Write(bytes);
        EnvelopeHeader.Read(bytes).ShouldBe(full);
        EnvelopeHeader.Read(bytes).IsValid.ShouldBeTrue();
    }

    [ThreadFact]
    public void Any_bytes_decode_and_say_whether_they_are_a_header()
    {
        var random = new Random(1);
        var bytes = new byte[EnvelopeHeader.Size];
        for (int i = 0; i < 1000; i++)
        {
            random.NextBytes(bytes);
            EnvelopeHeader.Read(bytes).IsValid.ShouldBeFalse();
        }

        full.Write(bytes);
        bytes[3] = 200;
        EnvelopeHeader.Read(bytes).IsValid.ShouldBeFalse();
        default(EnvelopeHeader).IsValid.ShouldBeFalse();
        (full with { BodyLength = -1 }).IsValid.ShouldBeFalse();
    }

    [ThreadFact]
    public void The_trace_travels_as_W3C_ids()
    {
        var context = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        var bytes = new byte[EnvelopeHeader.Size];
        new EnvelopeHeader { Kind = EnvelopeKind.Task }.WithTrace(context).Write(bytes);
        var copy = EnvelopeHeader.Read(bytes).Trace;
        copy.TraceId.ShouldBe(context.TraceId);
        copy.SpanId.ShouldBe(context.SpanId);
        copy.TraceFlags.ShouldBe(ActivityTraceFlags.Recorded);
        copy.IsRemote.ShouldBeTrue();
        new EnvelopeHeader().Trace.ShouldBe(default);
        EnvelopeHeader.Read(bytes).WithTrace(default).Trace.ShouldBe(default);
    }

    [ThreadFact]
    public void Short_buffers_are_refused()
    {
        Should.Throw<ArgumentException>(() => EnvelopeHeader.Read(new byte[63]));
        Should.Throw<ArgumentException>(() => full.Write(new byte[63]));
    }
}
