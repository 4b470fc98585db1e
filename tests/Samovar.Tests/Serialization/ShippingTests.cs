using System.Buffers;
using Samovar.Serialization;
using Samovar.Serialization.Wire;

namespace Samovar.Tests.Serialization;

/// <summary>Base of the suites that run over generated code and over reflection alike.</summary>
public abstract class ShippingTests
{
    private readonly ShippingWriter _writer;
    private readonly ShippingReader _reader;
    private int _known;

    private protected ShippingTests(PlanCompilation compilation)
    {
        Options = new ShippingOptions { Compilation = compilation };
        _writer = new ShippingWriter(Options);
        _reader = new ShippingReader(Options);
    }

    protected ShippingOptions Options { get; }

    /// <summary>Sends a value over one connection twice (first with new definitions, then with known ones) and gives the second copy.</summary>
    protected T Ship<T>(T value)
    {
        ShipOnce(value);
        return ShipOnce(value);
    }

    protected T ShipOnce<T>(T value, LiveConnector? near = null, LiveConnector? far = null)
    {
        var output = new ArrayBufferWriter<byte>();
        int needed = _writer.Write(output, value, near);
        if (needed > _known)
        {
            var definitions = new ArrayBufferWriter<byte>();
            _writer.WriteDefinitions(_known, needed, definitions);
            _reader.ReadDefinitions(definitions.WrittenSpan).ShouldBe(definitions.WrittenCount);
            _known = needed;
        }

        return _reader.Read<T>(output.WrittenSpan, far);
    }

    /// <summary>The refusal of a value that cannot travel.</summary>
    protected UnshippableException Refused<T>(T value) => Should.Throw<UnshippableException>(() => _writer.Prepare(value).Dispose());
}
