using Samovar.Processes.Parent;
using Samovar.Processes.Protocol;

namespace Samovar.Tests.Processes.Parent;

public sealed class LivePortsTests
{
    private readonly Ports _ports = new();

    [ProcessFact]
    public void A_message_goes_once_to_each_worker_that_gets_the_work()
    {
        var port = _ports.Open(static _ => { });
        port.Send(1);
        port.Send(2);

        Numbers(_ports.TakeAll()).ShouldBe([1, 2], "with the work");
        Numbers(_ports.TakeRest()).ShouldBeEmpty("the sender of 2 requests its sending only now");
        port.Send(3);
        Numbers(_ports.TakeRest()).ShouldBe([3]);
        Numbers(_ports.TakeAll()).ShouldBe([1, 2, 3], "to another worker");
        Numbers(_ports.TakeRest()).ShouldBeEmpty();
    }

    [ProcessFact]
    public void After_the_end_nothing_is_sent_or_kept_and_nothing_arrives()
    {
        object? got = null;
        var port = _ports.Open(message => got = message);
        _ports.DeliveryTo(port.Id, "tea")!();
        got.ShouldBe("tea");
        port.Send(1);
        _ports.Close();
        port.Send(2);

        Numbers(_ports.TakeAll()).ShouldBeEmpty();
        _ports.IsUsed.ShouldBeFalse();
        _ports.DeliveryTo(port.Id, "late").ShouldBeNull();
        _ports.Sends.ShouldBe(1);
    }

    private static IEnumerable<int> Numbers(PackedRecord[] records) => records.Select(static r => (int)r.Record[0]);

    private sealed class Ports : LivePorts
    {
        private long _last;

        public int Sends { get; private set; }

        public Action? DeliveryTo(long id, object? message) => DeliveryOf(id, () => message);

        protected override long NextId() => ++_last;

        protected override PackedRecord Pack(long id, object? message) => new([(byte)(int)message!], 0);

        protected override void SendRest() => Sends++;

        protected override void Report(Exception error) => throw error;
    }
}
