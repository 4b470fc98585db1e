using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Protocol;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Cluster.Owner;

/// <summary>The readers for the payloads of workers: each worker numbers its definitions itself. Used by one thread at a time.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class ResultReaders
{
    /// <summary>How many workers are remembered. A worker that was forgotten sends its definitions with each payload anyway.</summary>
    private const int MostReaders = 256;

    private readonly ShippingReader _plain = new();
    private readonly Dictionary<long, ShippingReader> _readers = [];

    /// <summary>Returns the reader for a payload.</summary>
    public ShippingReader For(in ResultPayload payload)
    {
        if (payload.Writer == 0) return _plain;
        if (!_readers.TryGetValue(payload.Writer, out var reader))
        {
            if (_readers.Count == MostReaders) _readers.Clear();
            _readers.Add(payload.Writer, reader = new ShippingReader());
        }

        reader.ReadDefinitions(payload.Definitions.Span);
        return reader;
    }
}
