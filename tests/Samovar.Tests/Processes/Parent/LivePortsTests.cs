using System.Buffers;
using Samovar.Processes.Parent;
using Samovar.Processes.Protocol;
using Samovar.Serialization;

namespace Samovar.Tests.Processes.Parent;

public sealed class LivePortsTests
{
    private readonly ShippingWriter _writer = new();
    private readonly LivePorts _ports;
    private readonly List<Exception> _errors = [];
    private int _sends;

    public LivePortsTests()
    {
        _ports = new LivePorts(_writer, takesCalls: true);
        _ports.Attach(() => _sends++, _errors.Add);
    }

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
    public void Of_several_workers_that_have_the_work_each_gets_each_message_once()
    {
        var port = _ports.Open(static _ => { });
        int one = 0;
        int other = 0;
        port.Send(1);
        Numbers(_ports.TakeFrom(ref one)).ShouldBe([1]);
        port.Send(2);

        Numbers(_ports.TakeFrom(ref other)).ShouldBe([1, 2]);
        Numbers(_ports.TakeFrom(ref one)).ShouldBe([2]);
        Numbers(_ports.TakeFrom(ref one)).ShouldBeEmpty();
    }

    [ProcessFact]
    public void After_the_end_nothing_is_sent_or_kept_and_nothing_arrives()
    {
        object? got = null;
        var port = _ports.Open(message => got = message);
        _ports.DeliveryOf(port.Id, static () => "tea")!();
        got.ShouldBe("tea");
        port.Send(1);
        _ports.Close();
        port.Send(2);

        Numbers(_ports.TakeAll()).ShouldBeEmpty();
        _ports.IsUsed.ShouldBeFalse();
        _ports.DeliveryOf(port.Id, static () => "late").ShouldBeNull();
        _sends.ShouldBe(1);
    }

    [ProcessFact]
    public void A_receiver_that_throws_is_reported_and_receives_further_messages()
    {
        int received = 0;
        var port = _ports.Open(_ => throw new InvalidTimeZoneException($"message {++received}"));
        var delivery = _ports.DeliveryOf(port.Id, static () => null)!;
        delivery();
        delivery();

        _errors.Select(static error => error.Message).ShouldBe(["message 1", "message 2"]);
    }

    [ProcessFact]
    public void What_is_sent_before_the_work_is_whole_waits_for_it()
    {
        var ports = new LivePorts(_writer, takesCalls: true);
        var port = ports.Open(static _ => { });
        int sends = 0;
        port.Send(1);
        ports.Attach(() => sends++, _errors.Add);

        sends.ShouldBe(0);
        Numbers(ports.TakeAll()).ShouldBe([1]);
        port.Send(2);
        sends.ShouldBe(1);
    }

    [ProcessFact]
    public void Work_without_live_values_allocates_nothing_and_work_with_some_keeps_its_ports()
    {
        var ports = LivePorts.Rent(_writer, takesCalls: true);
        ports.ReturnUnused().ShouldBeNull();
        LivePorts.Rent(_writer, takesCalls: true).ShouldBeSameAs(ports);
        var inside = LivePorts.Rent(_writer, takesCalls: true);
        inside.ShouldNotBeSameAs(ports, "code that runs while work is written submits other work");
        inside.ReturnUnused().ShouldBeNull();

        ports.Open(static _ => { });
        ports.ReturnUnused().ShouldBeSameAs(ports);
        LivePorts.Rent(_writer, takesCalls: true).ShouldBeSameAs(inside);
        LivePorts.Rent(_writer, takesCalls: true).ShouldNotBeSameAs(ports);
    }

    private int[] Numbers(PackedRecord[] records)
    {
        var reader = new ShippingReader();
        var definitions = new ArrayBufferWriter<byte>();
        _writer.WriteDefinitions(0, _writer.DefinitionCount, definitions);
        reader.ReadDefinitions(definitions.WrittenSpan);
        return [.. records.Select(record => (int)reader.Read<object?>(record.Record.AsSpan(LiveHeader.Size))!)];
    }
}
