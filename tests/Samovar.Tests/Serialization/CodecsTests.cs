using System.Buffers;
using System.Text.Json;
using Samovar.Serialization;
using Samovar.Serialization.Wire;

namespace Samovar.Tests.Serialization;

public abstract class CodecsTests : ShippingTests
{
    private readonly PlanCompilation _compilation;

    private protected CodecsTests(PlanCompilation compilation)
        : base(compilation) => _compilation = compilation;

    [ThreadFact]
    public void A_codec_named_by_the_type_is_used_for_values_and_objects()
    {
        var copy = Ship(new object?[] { new Money("EUR", 5), new Holder { Price = new Money("USD", 7), Note = new Note("n") }, null });
        copy[0].ShouldBe(new Money("EUR", 5));
        var holder = copy[1].ShouldBeOfType<Holder>();
        holder.Price.ShouldBe(new Money("USD", 7));
        holder.Note!.Text.ShouldBe("n!");
        Ship(new[] { new Money("EUR", 1) })[0].Amount.ShouldBe(1);
        Ship(new List<Note?> { null, new("a") })[1]!.Text.ShouldBe("a!");
    }

    [ThreadFact]
    public void A_carried_object_keeps_its_identity()
    {
        var note = new Note("x");
        var copy = Ship(new object[] { note, note, new Holder { Note = note } });
        copy[1].ShouldBeSameAs(copy[0]);
        ((Holder)copy[2]).Note.ShouldBeSameAs(copy[0]);
    }

    [ThreadFact]
    public void An_open_generic_codec_is_closed_over_the_arguments_of_its_type()
    {
        Ship(new Box<int>(5)).Content.ShouldBe(5);
        Ship<object>(new Box<string>("s")).ShouldBeOfType<Box<string>>().Content.ShouldBe("s");
    }

    [ThreadFact]
    public void Codecs_in_the_options_carry_types_of_others()
    {
        var options = new ShippingOptions { Compilation = _compilation, Codecs = [new JsonCodec<Foreign>(), new ShapeCodec(), new StreamCodec()] };
        Round(new Foreign { Name = "f" }, options).Name.ShouldBe("f");
        Round<object>(new Circle(3), options).ShouldBeOfType<Circle>().Area.ShouldBe(3);
        Round(new Shape[] { new Circle(2) }, options)[0].Area.ShouldBe(2);
        Round<Stream>(new MemoryStream([1, 2]), options).Length.ShouldBe(2);
    }

    [ThreadFact]
    public void A_codec_for_a_structure_is_used_inside_other_structures_too()
    {
        var options = new ShippingOptions { Compilation = _compilation, Codecs = [new DoublingCodec()] };
        Round(new[] { new Outer(1, new Inner(5)) }, options)[0].Inner.Value.ShouldBe(10);
        Round(new List<Inner> { new(1) }, options)[0].Value.ShouldBe(2);
        Round(new Dictionary<int, Inner> { [1] = new(4) }, options)[1].Value.ShouldBe(8);
        Round<object>(new Inner(3), options).ShouldBe(new Inner(6));
        Round<Inner?>(new Inner(3), options).ShouldBe(new Inner(6));
        Ship(new Inner(3)).Value.ShouldBe(3);
    }

    [ThreadFact]
    public void An_error_of_a_codec_is_reported_with_its_name()
    {
        var options = new ShippingOptions { Compilation = _compilation, Codecs = [new BrokenCodec()] };
        Should.Throw<UnshippableException>(() => Shipping.Pack(new Foreign { Name = "write" }, options)).Message.ShouldContain("BrokenCodec");
        var bytes = Shipping.Pack(new Foreign { Name = "read" }, options);
        var error = Should.Throw<ShippingFormatException>(() => Shipping.Unpack<Foreign>(bytes, options));
        error.Message.ShouldContain("BrokenCodec");
        error.InnerException.ShouldBeOfType<InvalidOperationException>();
        var none = Shipping.Pack(new Foreign { Name = "null" }, options);
        Should.Throw<ShippingFormatException>(() => Shipping.Unpack<Foreign>(none, options)).Message.ShouldContain("null");
    }

    [ThreadFact]
    public void Memory_that_a_codec_does_not_get_is_no_error_of_the_value_or_the_message()
    {
        var greedy = new GreedyCodec();
        var options = new ShippingOptions { Compilation = _compilation, Codecs = [greedy] };
        var holder = new object[] { new Foreign { Name = "tea" } };
        greedy.Length = int.MaxValue;
        Should.Throw<OutOfMemoryException>(() => Shipping.Pack(holder, options));
        greedy.Length = 1;
        var bytes = Shipping.Pack(holder, options);
        greedy.Length = int.MaxValue;
        Should.Throw<OutOfMemoryException>(() => Shipping.Unpack<object[]>(bytes, options));
        greedy.Length = 1;
        ((Foreign)Shipping.Unpack<object[]>(bytes, options)[0]).Name.ShouldBe("tea");
    }

    private static T Round<T>(T value, ShippingOptions options) => Shipping.Unpack<T>(Shipping.Pack(value, options), options);

    private readonly record struct Inner(int Value);

    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
    private readonly record struct Outer(int Number, Inner Inner);

    private sealed class DoublingCodec : PayloadCodec<Inner>
    {
        public override void Write(Inner value, IBufferWriter<byte> output) => output.Write(BitConverter.GetBytes(value.Value * 2));

        public override Inner Read(ReadOnlySpan<byte> payload) => new(BitConverter.ToInt32(payload));
    }

    [ShipWith(typeof(MoneyCodec))]
    private readonly record struct Money(string Currency, decimal Amount);

    private sealed class MoneyCodec : PayloadCodec<Money>
    {
        public override void Write(Money value, IBufferWriter<byte> output) => output.Write(JsonSerializer.SerializeToUtf8Bytes(value));

        public override Money Read(ReadOnlySpan<byte> payload) => JsonSerializer.Deserialize<Money>(payload);
    }

    [ShipWith(typeof(NoteCodec))]
    private sealed class Note(string text)
    {
        public string Text { get; } = text;
    }

    private sealed class NoteCodec : PayloadCodec<Note>
    {
        public override void Write(Note value, IBufferWriter<byte> output) => output.Write(System.Text.Encoding.UTF8.GetBytes(value.Text));

        public override Note Read(ReadOnlySpan<byte> payload) => new(System.Text.Encoding.UTF8.GetString(payload) + "!");
    }

    private sealed class Holder
    {
        public Money Price { get; init; }

        public Note? Note { get; init; }
    }

    [ShipWith(typeof(BoxCodec<>))]
    private sealed record Box<T>(T Content);

    private sealed class BoxCodec<T> : PayloadCodec<Box<T>>
    {
        public override void Write(Box<T> value, IBufferWriter<byte> output) => output.Write(JsonSerializer.SerializeToUtf8Bytes(value.Content));

        public override Box<T> Read(ReadOnlySpan<byte> payload) => new(JsonSerializer.Deserialize<T>(payload)!);
    }

    private sealed class Foreign
    {
        public string Name { get; set; } = "";
    }

    private sealed class JsonCodec<T> : PayloadCodec<T>
        where T : class
    {
        public override void Write(T value, IBufferWriter<byte> output) => output.Write(JsonSerializer.SerializeToUtf8Bytes(value));

        public override T Read(ReadOnlySpan<byte> payload) => JsonSerializer.Deserialize<T>(payload)!;
    }

    private abstract class Shape
    {
        public abstract double Area { get; }
    }

    private sealed class Circle(double area) : Shape
    {
        public override double Area { get; } = area;
    }

    private sealed class ShapeCodec : PayloadCodec<Shape>
    {
        public override void Write(Shape value, IBufferWriter<byte> output) => output.Write(BitConverter.GetBytes(value.Area));

        public override Shape Read(ReadOnlySpan<byte> payload) => new Circle(BitConverter.ToDouble(payload));
    }

    private sealed class StreamCodec : PayloadCodec<Stream>
    {
        public override void Write(Stream value, IBufferWriter<byte> output) => output.Write(((MemoryStream)value).ToArray());

        public override Stream Read(ReadOnlySpan<byte> payload) => new MemoryStream(payload.ToArray());
    }

    private sealed class BrokenCodec : PayloadCodec<Foreign>
    {
        public override void Write(Foreign value, IBufferWriter<byte> output)
        {
            if (value.Name == "write") throw new InvalidOperationException("cannot write");
            output.Write(System.Text.Encoding.UTF8.GetBytes(value.Name));
        }

        public override Foreign Read(ReadOnlySpan<byte> payload) =>
            payload.SequenceEqual("null"u8) ? null! : throw new InvalidOperationException("cannot read");
    }

    private sealed class GreedyCodec : PayloadCodec<Foreign>
    {
        /// <summary>Bytes that each call asks for; no array may have <see cref="int.MaxValue"/>.</summary>
        public int Length { get; set; } = 1;

        public override void Write(Foreign value, IBufferWriter<byte> output)
        {
            GC.KeepAlive(GC.AllocateUninitializedArray<byte>(Length));
            output.Write(System.Text.Encoding.UTF8.GetBytes(value.Name));
        }

        public override Foreign Read(ReadOnlySpan<byte> payload)
        {
            GC.KeepAlive(GC.AllocateUninitializedArray<byte>(Length));
            return new Foreign { Name = System.Text.Encoding.UTF8.GetString(payload) };
        }
    }
}

public sealed class CompiledCodecs() : CodecsTests(PlanCompilation.AtOnce);

public sealed class ReflectedCodecs() : CodecsTests(PlanCompilation.Never);
