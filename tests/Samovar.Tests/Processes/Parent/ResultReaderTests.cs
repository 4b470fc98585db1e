using System.Runtime.InteropServices;
using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Processes.Parent;
using Samovar.Serialization;

namespace Samovar.Tests.Processes.Parent;

public sealed class ResultReaderTests
{
    [ThreadFact]
    public void A_shared_object_that_is_gone_does_not_keep_the_bytes_and_the_other_objects_from_being_taken()
    {
        using var lives = SharedReference.Create(new SharedFormat { Kind = SharedKind.Memory, DataLength = 8 });
        var there = lives.Region.Handle;
        var gone = there with { Number = int.MaxValue, Cookie = ChannelCookie.Random(), ProcessId = int.MaxValue };
        byte[] body = [1, 2, 3, .. MemoryMarshal.AsBytes<SharedHandle>(new[] { gone, there })];

        var copy = ResultReader.Copy(new ShippingReader(), body, sharedObjects: 2, took: 0);

        copy.Bytes.ToArray().ShouldBe([1, 2, 3]);
        var region = lives.Region;
        lives.Dispose();
        Opened().ShouldBe(region);
        copy.Release();
        Should.Throw<SharedObjectException>(Opened);

        SharedRegion Opened()
        {
            using var opened = SharedReference.Open(there);
            return opened.Region;
        }
    }
}
