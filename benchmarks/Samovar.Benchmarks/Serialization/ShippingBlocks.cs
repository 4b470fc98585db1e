using BenchmarkDotNet.Attributes;

namespace Samovar.Benchmarks.Serialization;

/// <summary>A million numbers. Goal: writing and reading each take at most 1.2 times as long as a memory copy.</summary>
public class ShippingBlocks
{
    private readonly ShippingConnection _connection = new();
    private readonly int[] _numbers = [.. Enumerable.Range(0, 1_000_000)];
    private readonly byte[] _copy = new byte[4_000_000];
    private readonly Dictionary<string, int> _table = Enumerable.Range(0, 1000).ToDictionary(i => $"key {i}", i => i);
    private readonly List<string> _texts = [.. Enumerable.Range(0, 1000).Select(i => $"text {i}")];

    [GlobalSetup]
    public void Setup() => _connection.RoundTrip(_numbers);

    [Benchmark(Baseline = true, Description = "one copy into an existing array")]
    public void Copy() => Buffer.BlockCopy(_numbers, 0, _copy, 0, _copy.Length);

    [Benchmark(Description = "write int[1M]")]
    public int Write() => _connection.Write(_numbers);

    [Benchmark(Description = "one copy into a new array")]
    public int[] CopyToNew() => _numbers.AsSpan().ToArray();

    [Benchmark(Description = "write and read int[1M]")]
    public int[] RoundTrip() => _connection.RoundTrip(_numbers);

    [Benchmark(Description = "dictionary of 1,000 strings to ints, write and read")]
    public int Table() => _connection.RoundTrip(_table).Count;

    [Benchmark(Description = "list of 1,000 strings, write and read")]
    public int Texts() => _connection.RoundTrip(_texts).Count;
}
