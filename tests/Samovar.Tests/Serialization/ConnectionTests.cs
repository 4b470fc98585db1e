using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Samovar.Serialization;
using Samovar.Serialization.Wire;
using Samovar.Stress.Shipping;

namespace Samovar.Tests.Serialization;

public sealed class ConnectionTests
{
    [ThreadFact]
    public void A_type_is_defined_once_and_then_costs_a_byte_or_two()
    {
        var writer = new ShippingWriter();
        writer.DefinitionCount.ShouldBe(new ShippingReader().DefinitionCount);
        object value = new Point(1, 2);
        int first = Size(writer, value);
        int count = writer.DefinitionCount;
        Size(writer, value).ShouldBe(first);
        first.ShouldBeLessThanOrEqualTo(12);
        writer.DefinitionCount.ShouldBe(count);
    }

    [ThreadFact]
    public void A_message_says_which_definitions_it_needs()
    {
        var writer = new ShippingWriter();
        var reader = new ShippingReader();
        var output = new ArrayBufferWriter<byte>();
        int needed = writer.Write<object>(output, new Point(1, 2));
        needed.ShouldBe(writer.DefinitionCount);
        writer.Write<object>(new ArrayBufferWriter<byte>(), 5).ShouldBeLessThan(needed);

        Should.Throw<ShippingFormatException>(() => reader.Read<object>(output.WrittenSpan)).Message.ShouldContain("definition");
        Catch(reader, writer, 0);
        reader.Read<object>(output.WrittenSpan).ShouldBe(new Point(1, 2));
        Catch(reader, writer, 0);
        reader.DefinitionCount.ShouldBe(writer.DefinitionCount);
    }

    [ThreadFact]
    public void A_gap_in_the_definitions_is_an_error()
    {
        var writer = new ShippingWriter();
        Size<object>(writer, new Point(1, 2));
        int half = writer.DefinitionCount;
        Size<object>(writer, new Other("x"));
        var late = new ArrayBufferWriter<byte>();
        writer.WriteDefinitions(half, writer.DefinitionCount, late);
        Should.Throw<ShippingFormatException>(() => new ShippingReader().ReadDefinitions(late.WrittenSpan)).Message.ShouldContain("start at");
        Should.Throw<ArgumentOutOfRangeException>(() => writer.WriteDefinitions(0, writer.DefinitionCount + 1, late));
    }

    [ThreadFact]
    public void Messages_go_to_any_receiver_in_any_order()
    {
        var writer = new ShippingWriter();
        var messages = Enumerable.Range(0, 50).Select(i =>
        {
            var output = new ArrayBufferWriter<byte>();
            int needed = writer.Write<object>(output, i % 2 == 0 ? new Point(i, i) : new Other($"{i}"));
            return (Bytes: output.WrittenMemory, needed, i);
        }).ToList();

        foreach (bool reverse in new[] { false, true })
        {
            var reader = new ShippingReader();
            foreach (var (bytes, needed, i) in reverse ? Enumerable.Reverse(messages) : messages)
            {
                if (reader.DefinitionCount < needed) Catch(reader, writer, reader.DefinitionCount, needed);
                reader.Read<object>(bytes.Span).ShouldBe(i % 2 == 0 ? new Point(i, i) : new Other($"{i}"));
            }
        }
    }

    [ThreadFact]
    public async Task Many_threads_write_and_read_one_connection_at_once()
    {
        var writer = new ShippingWriter();
        var reader = new ShippingReader();
        var gate = new Lock();
        object[] samples =
        [
            new Point(1, 2), new Other("x"), new List<Point> { new(1, 1) }, new Dictionary<string, Other> { ["a"] = new("b") }, (1, "two", 3.0),
            new HashSet<Point> { new(5, 6) }, new Point[,] { { new(7, 8) } }, typeof(Dictionary<Point, Other>), new Tuple<Point, Other>(new(1, 1), new("y")),
        ];
        var failures = new ConcurrentQueue<Exception>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Run(() =>
        {
            try
            {
                var random = new Random(seed);
                for (int i = 0; i < 500; i++)
                {
                    object sample = samples[random.Next(samples.Length)];
                    var output = new ArrayBufferWriter<byte>();
                    int needed = writer.Write(output, sample);
                    lock (gate)
                    {
                        if (reader.DefinitionCount < needed) Catch(reader, writer, reader.DefinitionCount, needed);
                    }

                    var copy = reader.Read<object>(output.WrittenSpan);
                    copy.GetType().ShouldBe(sample.GetType());
                    JsonSerializer.Serialize(Plain(copy)).ShouldBe(JsonSerializer.Serialize(Plain(sample)));
                }
            }
            catch (Exception e)
            {
                failures.Enqueue(e);
            }
        })));
        failures.ShouldBeEmpty();
    }

    [ThreadFact]
    public void Large_arrays_are_copied_between_the_data_around_them()
    {
        var writer = new ShippingWriter();
        var numbers = Enumerable.Range(0, 10_000).ToArray();
        var bytes = Enumerable.Range(0, 9_000).Select(i => (byte)i).ToArray();
        using var body = writer.Prepare((1, numbers, "between", bytes, new List<double>(new double[2000]), numbers.AsMemory(5, 5000), "end"));
        var array = body.ToArray();
        array.Length.ShouldBe(body.Length);
        var copy = new ShippingReader().Read<(int, int[], string, byte[], List<double>, Memory<int>, string)>(array);
        copy.Item2.ShouldBe(numbers);
        copy.Item4.ShouldBe(bytes);
        copy.Item5.Count.ShouldBe(2000);
        copy.Item6.ToArray().ShouldBe(numbers.AsSpan(5, 5000).ToArray());
        copy.Item7.ShouldBe("end");
        Should.Throw<ArgumentException>(() => new ShippingWriter().Prepare(1).CopyTo(new byte[3]));
    }

    [ThreadFact]
    public void Reflection_and_generated_code_write_the_same_bytes_and_read_each_others()
    {
        var reflected = new ShippingOptions { Compilation = PlanCompilation.Never };
        var compiled = new ShippingOptions { Compilation = PlanCompilation.AtOnce };
        foreach (object sample in FuzzSamples.All())
        {
            byte[] bytes = Shipping.Pack(sample, reflected);
            Shipping.Pack(sample, compiled).ShouldBe(bytes, sample.GetType().ToString());
            Shipping.Unpack<object>(bytes, compiled).GetType().ShouldBe(Shipping.Unpack<object>(bytes, reflected).GetType());
        }
    }

    [ThreadFact]
    public void A_plan_that_is_compiled_on_the_way_continues_as_before()
    {
        var writer = new ShippingWriter();
        var reader = new ShippingReader();
        for (int i = 0; i < 20; i++)
        {
            int number = i;
            var output = new ArrayBufferWriter<byte>();
            int needed = writer.Write(output, () => (number, new Other($"{number}")));
            if (needed > reader.DefinitionCount) Catch(reader, writer, reader.DefinitionCount, needed);
            reader.Read<Func<(int, Other)>>(output.WrittenSpan)().ShouldBe((i, new Other($"{i}")));
        }
    }

    [ThreadFact]
    public void Types_built_from_too_many_parts_are_refused_where_they_are_read()
    {
        var type = typeof(int);
        for (int i = 0; i < 200; i++) type = typeof(List<>).MakeGenericType(type);
        Shipping.Unpack<Type>(Shipping.Pack(type)).ShouldBe(type);
        for (int i = 0; i < 100; i++) type = type.MakeArrayType();
        Should.Throw<ShippingFormatException>(() => Shipping.Unpack<Type>(Shipping.Pack(type))).Message.ShouldContain("parts");
    }

    [ThreadFact]
    public void A_message_in_pieces_is_read_like_one_in_one_piece()
    {
        var writer = new ShippingWriter();
        using var body = writer.Prepare(new[] { "in", "several", "pieces" });
        var bytes = body.ToArray();
        var first = new Piece(bytes.AsMemory(0, 5), 0);
        var last = first.Then(bytes.AsMemory(5, 4)).Then(bytes.AsMemory(9));
        var reader = new ShippingReader();
        reader.Read<string[]>(new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length)).ShouldBe(["in", "several", "pieces"]);
        reader.Read<string[]>(new ReadOnlySequence<byte>(bytes)).ShouldBe(["in", "several", "pieces"]);
        var strict = new ShippingReader(new ShippingOptions { MaxBytes = 16 });
        Should.Throw<ShippingFormatException>(() => strict.Read<string[]>(new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length)));
    }

    [ThreadFact]
    public void A_codec_that_writes_with_the_serializer_itself_does_not_disturb_the_message()
    {
        var options = new ShippingOptions { Codecs = [new NestingCodec()] };
        var copy = Shipping.Unpack<object[]>(Shipping.Pack(new object[] { "before", new Other("nested"), "after" }, options), options);
        copy.ShouldBe(["before", new Other("nested"), "after"]);
    }

    // What System.Text.Json has no form for is compared as text.
    private static object Plain(object value) => value is Array or Type ? $"{value}" : value;

    private static int Size<T>(ShippingWriter writer, T value)
    {
        using var body = writer.Prepare(value);
        return body.Length;
    }

    private static void Catch(ShippingReader reader, ShippingWriter writer, int from, int? to = null)
    {
        var definitions = new ArrayBufferWriter<byte>();
        writer.WriteDefinitions(from, to ?? writer.DefinitionCount, definitions);
        reader.ReadDefinitions(definitions.WrittenSpan).ShouldBe(definitions.WrittenCount);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long before)
        {
            Memory = memory;
            RunningIndex = before;
        }

        public Piece Then(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }

    private sealed record Point(int X, int Y);

    private sealed record Other(string Text);

    private sealed class NestingCodec : PayloadCodec<Other>
    {
        public override void Write(Other value, IBufferWriter<byte> output) => output.Write(Shipping.Pack(value.Text));

        public override Other Read(ReadOnlySpan<byte> payload) => new(Shipping.Unpack<string>(payload));
    }
}
