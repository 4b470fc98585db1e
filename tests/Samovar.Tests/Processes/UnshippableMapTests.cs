using System.Buffers;
using System.Diagnostics;
using System.Runtime.Versioning;
using Samovar.Serialization;

namespace Samovar.Tests.Processes;

/// <summary>Maps over items that cannot travel.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class UnshippableMapTests
{
    [ProcessFact]
    public async Task Hundreds_of_items_that_cannot_travel_each_have_their_outcome_and_do_not_stand_on_one_stack()
    {
        const int count = 400;
        const int deepest = 200;
        await using var pool = PoolUnderTest.Build();
        object[] items = [1, .. Enumerable.Range(0, count).Select(static _ => new Sticky()), 2];
        int refused = 0;
        var values = new List<object>();

        await foreach (var outcome in pool.MapOutcomes(items, static item => item, new() { BatchSize = items.Length }))
        {
            if (outcome.IsSuccess) values.Add(outcome.Value);
            else if (outcome.Error is InvalidOperationException or ShippingException) refused++;
        }

        refused.ShouldBe(count);
        values.ShouldBe([1, 2]);
        Sticky.Deepest.ShouldBeInRange(1, deepest);
    }

    /// <summary>Refuses to be serialized, and records the stack depth of the call.</summary>
    [ShipWith(typeof(Codec))]
    private sealed class Sticky
    {
        private static int s_deepest;

        public static int Deepest => Volatile.Read(ref s_deepest);

        public sealed class Codec : PayloadCodec<Sticky>
        {
            public override void Write(Sticky value, IBufferWriter<byte> output)
            {
                int depth = new StackTrace().FrameCount;
                if (depth > Volatile.Read(ref s_deepest)) Volatile.Write(ref s_deepest, depth);
                throw new InvalidOperationException("It sticks.");
            }

            public override Sticky Read(ReadOnlySpan<byte> payload) => throw new InvalidOperationException("It was never written.");
        }
    }
}
