using System.Buffers;
using System.Text;
using Samovar.Serialization;
using Samovar.Serialization.Wire;

namespace Samovar.Tests.Serialization;

public abstract class LiveTests : ShippingTests
{
    private readonly LoopbackConnector _near;
    private readonly LoopbackConnector _far;

    private protected LiveTests(PlanCompilation compilation)
        : base(compilation) => (_near, _far) = LoopbackConnector.CreatePair();

    [ThreadFact]
    public void A_captured_token_is_cancelled_across_the_border()
    {
        using var source = new CancellationTokenSource();
        var token = source.Token;
        Func<CancellationToken> closure = () => token;
        var remote = ShipOnce(closure, _near, _far)();
        remote.IsCancellationRequested.ShouldBeFalse();
        remote.CanBeCanceled.ShouldBeTrue();
        source.Cancel();
        remote.IsCancellationRequested.ShouldBeTrue();
    }

    [ThreadFact]
    public void A_cancellation_on_the_way_is_not_lost()
    {
        using var source = new CancellationTokenSource();
        var writer = new ShippingWriter(Options);
        var output = new ArrayBufferWriter<byte>();
        writer.Write(output, source.Token, _near);
        source.Cancel();
        new ShippingReader(Options).Read<CancellationToken>(output.WrittenSpan, _far).IsCancellationRequested.ShouldBeTrue();
    }

    [ThreadFact]
    public void Tokens_of_one_source_arrive_as_tokens_of_one_source()
    {
        using var source = new CancellationTokenSource();
        var copies = ShipOnce(new[] { source.Token, source.Token, CancellationToken.None }, _near, _far);
        copies[0].ShouldBe(copies[1]);
        copies[2].ShouldBe(CancellationToken.None);
        _near.OpenPorts.ShouldBe(1);
    }

    [ThreadFact]
    public void Tokens_that_cannot_change_need_no_connection()
    {
        Ship(CancellationToken.None).CanBeCanceled.ShouldBeFalse();
        Ship(new CancellationToken(canceled: true)).IsCancellationRequested.ShouldBeTrue();
    }

    [ThreadFact]
    public void A_live_token_without_a_connection_is_refused()
    {
        using var source = new CancellationTokenSource();
        var token = source.Token;
        var refusal = Refused(() => token.IsCancellationRequested);
        refusal.Message.ShouldContain("LiveConnector");
        refusal.MemberPath.ShouldBe("closure.token");
    }

    [ThreadFact]
    public void Progress_is_reported_across_the_border_in_order()
    {
        var seen = new List<int>();
        IProgress<int> progress = new Recorder(seen);
        Action<int> work = n =>
        {
            for (int i = 0; i < n; i++) progress.Report(i);
        };
        ShipOnce(work, _near, _far)(5);
        seen.ShouldBe([0, 1, 2, 3, 4]);
    }

    [ThreadFact]
    public void A_captured_Progress_keeps_its_type()
    {
        var seen = new List<string>();
        var progress = new InlineProgress(seen);
        var holder = ShipOnce(new Holder { Exact = progress, Contract = progress }, _near, _far);
        ((IProgress<string>)holder.Exact!).Report("a");
        holder.Contract!.Report("b");
        holder.Contract.ShouldBeSameAs(holder.Exact);
        seen.ShouldBe(["a", "b"]);
    }

    [ThreadFact]
    public void A_live_value_can_be_passed_on()
    {
        var seen = new List<int>();
        var first = ShipOnce<IProgress<int>>(new Recorder(seen), _near, _far);
        var (nearer, farther) = LoopbackConnector.CreatePair();
        ShipOnce(first, nearer, farther).Report(7);
        seen.ShouldBe([7]);
    }

    [ThreadFact]
    public void Closing_a_port_ends_the_registration_that_feeds_it()
    {
        using var source = new CancellationTokenSource();
        var (near, far) = LoopbackConnector.CreatePair();
        var tracking = new TrackingConnector(near);
        var remote = ShipOnce(source.Token, tracking, far);
        tracking.Ports.ForEach(p => p.Dispose());
        source.Cancel();
        remote.IsCancellationRequested.ShouldBeFalse();
    }

    [ThreadFact]
    public void A_refused_message_closes_the_ports_it_opened()
    {
        using var source = new CancellationTokenSource();
        var token = source.Token;
        var writer = new ShippingWriter(Options);
        Should.Throw<UnshippableException>(() => writer.Prepare(new object[] { token, new MemoryStream() }, _near).Dispose());
        _near.OpenPorts.ShouldBe(0);
        using (var body = writer.Prepare(token, _near))
        {
            _near.OpenPorts.ShouldBe(1);
            body.Abandon();
        }

        _near.OpenPorts.ShouldBe(0);
    }

    [ThreadFact]
    public void Values_of_users_can_travel_live()
    {
        var counter = new Counter();
        var remote = ShipOnce(new[] { counter, counter }, _near, _far);
        remote[0].ShouldBeSameAs(remote[1]);
        remote[0].Add(5);
        remote[1].Add(1);
        counter.Total.ShouldBe(6);
        Refused(counter).Message.ShouldContain("LiveConnector");
    }

    private sealed class TrackingConnector(LiveConnector inner) : LiveConnector
    {
        public List<LivePort> Ports { get; } = [];

        public override LivePort Open(LiveReceiver receive)
        {
            var port = inner.Open(receive);
            Ports.Add(port);
            return port;
        }

        public override LivePort Connect(long id, LiveReceiver receive) => inner.Connect(id, receive);
    }

    private sealed class Recorder(List<int> seen) : IProgress<int>
    {
        public void Report(int value) => seen.Add(value);
    }

    private sealed class InlineProgress(List<string> seen) : Progress<string>
    {
        protected override void OnReport(string value) => seen.Add(value);
    }

    private sealed class Holder
    {
        public Progress<string>? Exact { get; init; }

        public IProgress<string>? Contract { get; init; }
    }

    [ShipWith(typeof(CounterCodec))]
    private class Counter
    {
        public int Total { get; private set; }

        public virtual void Add(int number) => Total += number;
    }

    private sealed class CounterCodec : LiveCodec<Counter>
    {
        public override void Export(Counter value, IBufferWriter<byte> output, LiveConnector connector) =>
            output.Write(Encoding.UTF8.GetBytes($"{connector.Open(n => value.Add((int)n!)).Id}"));

        public override Counter Import(ReadOnlySpan<byte> payload, LiveConnector connector) =>
            new Remote(connector.Connect(long.Parse(payload, null), _ => { }));

        private sealed class Remote(LivePort port) : Counter
        {
            public override void Add(int number) => port.Send(number);
        }
    }
}

public sealed class CompiledLive() : LiveTests(PlanCompilation.AtOnce);

public sealed class ReflectedLive() : LiveTests(PlanCompilation.Never);
