using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using System.Text.RegularExpressions;
using Samovar.Serialization;

namespace Samovar.Tests.Serialization
{
    /// <summary>The code of docs/reference/shipping.md, compiled and run; a test compares the page with this file.</summary>
    public sealed partial class ShippingPageTests
    {
        [ThreadFact]
        public void The_first_example_runs()
        {
            int limit = 1_000_000;
            var names = new List<string> { "Ceylon", "Assam" };
            Func<string> work = () => $"{names[0]} below {limit}";

            byte[] bytes = Shipping.Pack(work);
            Func<string> copy = Shipping.Unpack<Func<string>>(bytes);

            copy().ShouldBe("Ceylon below 1000000");
        }

        [ThreadFact]
        public void The_live_codec_and_the_payload_codec_run()
        {
            var (near, far) = LoopbackConnector.CreatePair();
            var counter = new Page.Counter();
            var options = new ShippingOptions { Codecs = [new Page.CounterCodec()] };
            Shipping.Unpack<Page.Counter>(Shipping.Pack(counter, options, near), options, far).Add(3);
            counter.Total.ShouldBe(3);
            Shipping.Unpack<Page.Blend>(Shipping.Pack(new Page.Blend("Earl Grey"))).Name.ShouldBe("Earl Grey");
        }

        [ThreadFact]
        public void Every_code_block_of_the_page_is_part_of_this_file()
        {
            string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "shipping.md"));
            string source = Flat(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "ShippingPageTests.cs")));
            var blocks = CodeBlock().Matches(page);
            blocks.Count.ShouldBe(3);
            foreach (Match block in blocks) source.ShouldContain(Flat(block.Groups["code"].Value));
        }

        // Indentation differs between page and file.
        private static string Flat(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim())).Trim();

        [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
        private static partial Regex CodeBlock();
    }
}

namespace Samovar.Tests.Serialization.Page
{
    public sealed class CounterCodec : LiveCodec<Counter>
    {
        public override void Export(Counter value, IBufferWriter<byte> output, LiveConnector connector)
        {
            var port = connector.Open(number => value.Add((int)number!));
            BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(8), port.Id);
            output.Advance(8);
        }

        public override Counter Import(ReadOnlySpan<byte> payload, LiveConnector connector) =>
            new RemoteCounter(connector.Connect(BinaryPrimitives.ReadInt64LittleEndian(payload), _ => { }));
    }

    [ShipWith(typeof(BlendCodec))]
    public sealed class Blend(string name)
    {
        public string Name { get; } = name;
    }

    public sealed class BlendCodec : PayloadCodec<Blend>
    {
        public override void Write(Blend value, IBufferWriter<byte> output) => output.Write(JsonSerializer.SerializeToUtf8Bytes(value));

        public override Blend Read(ReadOnlySpan<byte> payload) => JsonSerializer.Deserialize<Blend>(payload)!;
    }

    public class Counter
    {
        public int Total { get; private set; }

        public virtual void Add(int number) => Total += number;
    }

    public sealed class RemoteCounter(LivePort port) : Counter
    {
        public override void Add(int number) => port.Send(number);
    }
}
