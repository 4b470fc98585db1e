using System.Buffers;
using System.Reflection;
using System.Text;
using Samovar.Serialization;
using Samovar.Serialization.Wire;

namespace Samovar.Tests.Serialization;

public abstract class SafetyTests : ShippingTests
{
    private protected SafetyTests(PlanCompilation compilation)
        : base(compilation)
    {
    }

    [ThreadFact]
    public void Every_truncation_of_a_message_is_a_typed_error()
    {
        object[] value = [1, "text", new List<string> { "a", "b" }, new Dictionary<string, int> { ["k"] = 1 }, new[] { 1.5, 2.5 }, new Key("a", new Key("b", null))];
        var bytes = Shipping.Pack(value, Options);
        for (int length = 0; length < bytes.Length; length++)
            Should.Throw<ShippingException>(() => Shipping.Unpack<object[]>(bytes.AsSpan(0, length), Options));
        Should.Throw<ShippingFormatException>(() => Shipping.Unpack<object[]>([.. bytes, 0], Options)).Message.ShouldContain("left over");
    }

    [ThreadTheory]
    [InlineData(typeof(int[]))]
    [InlineData(typeof(string[]))]
    [InlineData(typeof(object[]))]
    [InlineData(typeof(List<int>))]
    [InlineData(typeof(List<string>))]
    [InlineData(typeof(List<Key>))]
    [InlineData(typeof(Dictionary<string, int>))]
    [InlineData(typeof(HashSet<int>))]
    [InlineData(typeof(Struct[]))]
    [InlineData(typeof(Memory<long>))]
    public void A_length_that_the_message_cannot_hold_takes_no_memory(Type type) =>
        GetType().BaseType!.GetMethod(nameof(ReadHuge), BindingFlags.NonPublic | BindingFlags.Instance)!.MakeGenericMethod(type).Invoke(this, null);

    private void ReadHuge<T>()
    {
        // New object of the declared type, no comparer, a count of 268 million: for each type one of these prefixes puts the count in place.
        byte[][] messages = [[1, 0xFF, 0xFF, 0xFF, 0x7F], [1, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F], [0xFF, 0xFF, 0xFF, 0x7F]];
        var reader = new ShippingReader(Options);
        foreach (byte[] message in messages)
        {
            Should.Throw<ShippingFormatException>(() => reader.Read<T>(message));
            long before = GC.GetAllocatedBytesForCurrentThread();
            Should.Throw<ShippingFormatException>(() => reader.Read<T>(message));
            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(200_000);
        }
    }

    [ThreadFact]
    public void Many_empty_shells_cannot_promise_more_than_the_message_holds()
    {
        var reader = new ShippingReader(Options);
        var writer = new ShippingWriter(Options);
        using var body = writer.Prepare(new[] { new Wide() });
        var definitions = new ArrayBufferWriter<byte>();
        writer.WriteDefinitions(0, writer.DefinitionCount, definitions);
        reader.ReadDefinitions(definitions.WrittenSpan);

        // An array of 60,000 wide objects of which none has a body.
        byte[] message = [1, .. Number(60_000), .. Enumerable.Repeat((byte)1, 60_000)];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<ShippingFormatException>(() => reader.Read<Wide[]>(message));
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(2_000_000);
    }

    [ThreadFact]
    public void Values_that_break_their_types_rules_are_errors()
    {
        Bad<bool>([2]);
        Bad<bool[]>([1, 2, 0, 7]);
        Bad<DateTime>([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x3F]);
        Bad<decimal>([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        Bad<DateOnly>([0xFF, 0xFF, 0xFF, 0x7F]);
        Bad<TimeOnly>([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]);
        Bad<System.Text.Rune>([0, 0xD8, 0, 0]);
        Bad<int?>([2]);
        Bad<CancellationToken>([9]);
        Bad<string>([3 + (4 * 2)]);
        Bad<string>([1, 0]);
        Bad<string>([4, 0xFF]);
    }

    [ThreadFact]
    public void A_structure_copied_as_bytes_is_checked_at_each_place_that_has_a_rule()
    {
        var good = Shipping.Pack(new[] { new Checked(1, true, DateTime.UnixEpoch, 2), new Checked(2, false, DateTime.UnixEpoch, 3) }, Options);
        Shipping.Unpack<Checked[]>(good, Options)[1].ShouldBe(new Checked(2, false, DateTime.UnixEpoch, 3));
        int errors = 0;
        for (int i = 0; i < good.Length; i++)
        {
            var bad = (byte[])good.Clone();
            bad[i] = 0x7F;
            try
            {
                foreach (var value in Shipping.Unpack<Checked[]>(bad, Options))
                    ((byte)(value.Flag ? 1 : 0)).ShouldBeLessThanOrEqualTo((byte)1);
            }
            catch (ShippingException)
            {
                errors++;
            }
        }

        errors.ShouldBeGreaterThanOrEqualTo(4);
    }

    [ThreadFact]
    public void A_record_key_that_contains_itself_does_not_overflow_the_stack()
    {
        // Two keys; the second one's Next is made to refer to the second one itself.
        var bytes = Shipping.Pack(new HashSet<Key> { new("a", null), new("b", new Key("c", null)) }, Options);
        int failures = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            for (byte value = 0; value < 8; value++)
            {
                var altered = (byte[])bytes.Clone();
                altered[i] = value;
                try
                {
                    Shipping.Unpack<HashSet<Key>>(altered, Options);
                }
                catch (ShippingException e) when (e.Message.Contains("contains itself", StringComparison.Ordinal))
                {
                    failures++;
                }
                catch (ShippingException)
                {
                }
            }
        }

        failures.ShouldBeGreaterThan(0);
    }

    [ThreadFact]
    public void A_type_that_cannot_travel_is_not_made_from_data_either()
    {
        // The writer's codec lets a stream out; a reader without the codec must not build one from its fields.
        var lenient = Options with { Codecs = [new StreamCodec()] };
        var bytes = Shipping.Pack<object>(new MemoryStream(), lenient);
        Should.Throw<ShippingFormatException>(() => Shipping.Unpack<object>(bytes, Options)).Message.ShouldContain("Stream");
    }

    [ThreadFact]
    public void A_message_longer_than_the_limit_is_not_read()
    {
        var bytes = Shipping.Pack(new byte[1000], Options);
        Should.Throw<ShippingFormatException>(() => Shipping.Unpack<byte[]>(bytes, Options with { MaxBytes = 500 })).Message.ShouldContain("limit");
        Should.Throw<ShippingFormatException>(() => Shipping.Unpack<byte[]>(bytes, Options with { MaxArrayLength = 500 })).Message.ShouldContain("limit");
        var text = Shipping.Pack("long text", Options);
        Should.Throw<ShippingFormatException>(() => Shipping.Unpack<string>(text, Options with { MaxStringLength = 5 })).Message.ShouldContain("limit");
        var objects = Shipping.Pack(new object[] { new(), new(), new() }, Options);
        Should.Throw<ShippingFormatException>(() => Shipping.Unpack<object[]>(objects, Options with { MaxObjects = 2 })).Message.ShouldContain("objects");
        var defined = Shipping.Pack<object>(new Key("a", null), Options);
        Should.Throw<ShippingFormatException>(() => Shipping.Unpack<object>(defined, Options with { MaxDefinitions = 1 })).Message.ShouldContain("definitions");
    }

    [ThreadFact]
    public void A_location_takes_only_what_fits_it()
    {
        var bytes = Shipping.Pack<object>("text", Options);
        Should.Throw<ShippingFormatException>(() => Shipping.Unpack<Version>(bytes, Options)).Message.ShouldContain("is expected");
        var list = Shipping.Pack<object>(new List<int>(), Options);
        Should.Throw<ShippingFormatException>(() => Shipping.Unpack<IDictionary<int, int>>(list, Options));
    }

    [ThreadFact]
    public void A_location_of_a_derived_type_takes_no_relative_of_it()
    {
        // "New object of the declared type" over a plan that covers a whole family; without a check an ASCIIEncoding would be in a field for UTF-8.
        var ascii = new List<byte> { 1, 0x9F, 0x4E, 0, 0, 0, 0 };
        Bad<UTF8Encoding>([.. ascii]);
        Bad<System.Text.Json.Nodes.JsonObject>([1, 0, (3 << 1) + 1, (byte)'[', (byte)'1', (byte)']']);
        Should.Throw<ShippingFormatException>(() => new ShippingReader(Options).Read<UTF8Encoding>([.. ascii])).Message.ShouldContain("is expected");
    }

    [ThreadFact]
    public void A_key_with_an_endless_hash_code_is_found_before_it_is_hashed()
    {
        // Sixty records in a chain, each of which refers to the next one twice; hashed by the sender before they were joined.
        var first = new Twin();
        var set = new HashSet<Twin> { first };
        for (int i = 0; i < 60; i++)
        {
            first.Left = first.Right = new Twin();
            first = first.Left;
        }

        var bytes = Shipping.Pack(set, Options);
        Should.Throw<ShippingFormatException>(() => Shipping.Unpack<HashSet<Twin>>(bytes, Options)).Message.ShouldContain("hash code");
    }

    [ThreadFact]
    public void Records_in_a_circle_are_keys_where_identity_is_what_counts()
    {
        var circle = new Twin();
        circle.Left = circle;
        Ship(new HashSet<Twin>(ReferenceEqualityComparer.Instance) { circle }).Single().Left.ShouldNotBeNull();
        var byReference = Ship(new Dictionary<object, int>(ReferenceEqualityComparer.Instance) { [circle] = 5 });
        byReference[byReference.Keys.Single()].ShouldBe(5);
    }

    [ThreadTheory]
    [InlineData(0x01000001)]
    [InlineData(0x1B000001)]
    public void A_token_that_leads_into_another_module_is_refused(int token)
    {
        var writer = new ShippingWriter(Options);
        using (writer.Prepare<object>(new Key("a", null)))
        {
        }

        var output = new ArrayBufferWriter<byte>();
        writer.WriteDefinitions(0, writer.DefinitionCount, output);
        byte[] block = output.WrittenSpan.ToArray();
        int at = block.AsSpan().IndexOf(BitConverter.GetBytes(typeof(Key).MetadataToken));
        BitConverter.TryWriteBytes(block.AsSpan(at), token).ShouldBeTrue();
        Should.Throw<ShippingFormatException>(() => new ShippingReader(Options).ReadDefinitions(block)).Message.ShouldContain("its module");
    }

    private void Bad<T>(byte[] message) => Should.Throw<ShippingFormatException>(() => new ShippingReader(Options).Read<T>(message));

    private static byte[] Number(int value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }

    internal sealed record Key(string Name, Key? Next);

    internal readonly record struct Struct(string Text, int Number);

    private readonly record struct Checked(byte Small, bool Flag, DateTime Time, int Number);

    internal sealed record Twin
    {
        public Twin? Left { get; set; }

        public Twin? Right { get; set; }
    }

    private sealed class Wide
    {
        public Wide? Self { get; init; }

        public Guid A { get; init; }

        public Guid B { get; init; }

        public Guid C { get; init; }

        public Guid D { get; init; }
    }

    private sealed class StreamCodec : PayloadCodec<Stream>
    {
        public override void Write(Stream value, IBufferWriter<byte> output) => output.Write(new byte[] { 1 });

        public override Stream Read(ReadOnlySpan<byte> payload) => new MemoryStream();
    }
}

public sealed class CompiledSafety() : SafetyTests(PlanCompilation.AtOnce);

public sealed class ReflectedSafety() : SafetyTests(PlanCompilation.Never);
