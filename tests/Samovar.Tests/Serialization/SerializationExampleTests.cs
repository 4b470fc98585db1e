using System.Buffers;
using System.Buffers.Binary;
using Samovar.Serialization;

namespace Samovar.Tests.Serialization;

/// <summary>The examples in the documentation of the serializer, see <c>DocumentationExampleTests</c>.</summary>
public sealed class SerializationExampleTests
{
    [ThreadFact]
    public void Pack_writes_a_value_and_Unpack_reads_it()
    {
        byte[] packed = Shipping.Pack(new Dictionary<string, int> { ["tea"] = 3, ["cake"] = 2 });
        Dictionary<string, int> copy = Shipping.Unpack<Dictionary<string, int>>(packed);

        copy.Count.ShouldBe(2);
        copy["tea"].ShouldBe(3);
        copy["cake"].ShouldBe(2);
    }

    [ThreadFact]
    public void A_codec_writes_and_reads_its_type()
    {
        var output = new ArrayBufferWriter<byte>();
        new TemperatureCodec().Write(new Temperature(95.5), output);

        output.WrittenCount.ShouldBe(sizeof(double));
        new TemperatureCodec().Read(output.WrittenSpan).ShouldBe(new Temperature(95.5));
        Shipping.Unpack<Temperature>(Shipping.Pack(new Temperature(95.5))).ShouldBe(new Temperature(95.5));
    }
}

[ShipWith(typeof(TemperatureCodec))]
public sealed record Temperature(double Celsius);

public sealed class TemperatureCodec : PayloadCodec<Temperature>
{
    public override void Write(Temperature value, IBufferWriter<byte> output)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(output.GetSpan(sizeof(double)), value.Celsius);
        output.Advance(sizeof(double));
    }

    public override Temperature Read(ReadOnlySpan<byte> payload) => new(BinaryPrimitives.ReadDoubleLittleEndian(payload));
}
