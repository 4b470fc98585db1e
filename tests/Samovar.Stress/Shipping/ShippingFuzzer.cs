using System.Buffers;
using System.Diagnostics;
using Samovar.Serialization;
using Samovar.Serialization.Wire;

namespace Samovar.Stress.Shipping;

/// <summary>Alters valid messages and reads them: each must give a value or a <see cref="ShippingException"/>, in bounded memory and time.</summary>
/// <remarks>Each case is made from its own seed, so that a failure is repeated by its number.</remarks>
internal sealed class ShippingFuzzer
{
    private static readonly TimeSpan longest = TimeSpan.FromSeconds(5); // one message, on a busy machine

    private readonly List<Message> _messages = [];
    private readonly ShippingReader _reader = new();
    private readonly ShippingOptions _interpreted = new() { Compilation = PlanCompilation.Never };

    public ShippingFuzzer()
    {
        var writer = new ShippingWriter();
        foreach (object sample in FuzzSamples.All())
        {
            var body = new ArrayBufferWriter<byte>();
            writer.Write(body, sample);
            _messages.Add(new Message(Serialization.Shipping.Pack(sample), body.WrittenSpan.ToArray()));
        }

        var definitions = new ArrayBufferWriter<byte>();
        writer.WriteDefinitions(0, writer.DefinitionCount, definitions);
        _reader.ReadDefinitions(definitions.WrittenSpan);
        foreach (var message in _messages)
        {
            _reader.Read<object>(message.Body);
            Serialization.Shipping.Unpack<object>(message.Packed);
        }
    }

    public int Cases { get; private set; }

    public int Values { get; private set; }

    public int Errors { get; private set; }

    public long MostBytes { get; private set; }

    public TimeSpan Slowest { get; private set; }

    public List<string> Failures { get; } = [];

    public string Describe() => $"{Values:N0} values, {Errors:N0} typed errors, {Failures.Count} failures; "
        + $"at most {MostBytes >> 10:N0} KiB and {Slowest.TotalMilliseconds:F0} ms for one message";

    public void Step(int seed)
    {
        var random = new Random(seed);
        var message = _messages[random.Next(_messages.Count)];
        int way = random.Next(4);
        byte[] bytes = Alter(way == 0 ? message.Packed : message.Body, random);
        Cases++;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        try
        {
            if (way == 0) Serialization.Shipping.Unpack<object>(bytes, random.Next(2) == 0 ? null : _interpreted);
            else _reader.Read<object>(bytes);
            Values++;
        }
        catch (ShippingException)
        {
            Errors++;
        }
        catch (Exception e)
        {
            Failures.Add($"seed {seed}: {e}");
        }

        var took = Stopwatch.GetElapsedTime(started);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        MostBytes = Math.Max(MostBytes, allocated);
        Slowest = took > Slowest ? took : Slowest;

        // New types cost plans and code once; the rest is in proportion to the message.
        long allowed = 4_000_000 + 256L * bytes.Length;
        if (allocated > allowed)
            Failures.Add($"seed {seed}: {allocated:N0} bytes of memory for a message of {bytes.Length:N0} bytes");
        if (took > longest) Failures.Add($"seed {seed}: {took} for a message of {bytes.Length:N0} bytes");
    }

    private byte[] Alter(byte[] original, Random random)
    {
        var bytes = new List<byte>(original);
        for (int times = random.Next(2) == 0 ? 1 : random.Next(2, 5); times > 0 && bytes.Count > 0; times--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(13))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 8), bytes.Count - at));
                    break;
                case 4:
                    bytes.InsertRange(at, [0xFF, 0xFF, 0xFF, 0xFF, (byte)random.Next(16)]);
                    break;
                case 5:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 32), bytes.Count - at)));
                    break;
                case 6:
                    var other = _messages[random.Next(_messages.Count)].Body;
                    bytes.InsertRange(at, other.Take(random.Next(1, 64)));
                    break;
                case 7:
                    bytes[at] = (byte)random.Next(8);
                    break;
                case 8:
                    SwapType(bytes, random);
                    break;
                default:
                    bytes[at] = (byte)(bytes[at] + random.Next(-3, 4));
                    break;
            }
        }

        return [.. bytes];
    }

    // A type's token ends in 00 02: another number before that names another type of the same assembly.
    private static void SwapType(List<byte> bytes, Random random)
    {
        var tokens = Enumerable.Range(0, Math.Max(0, bytes.Count - 4)).Where(i => bytes[i + 2] == 0 && bytes[i + 3] == 2).ToList();
        if (tokens.Count == 0) return;
        int at = tokens[random.Next(tokens.Count)];
        bytes[at] = (byte)random.Next(256);
        bytes[at + 1] = (byte)random.Next(16);
    }

    private sealed record Message(byte[] Packed, byte[] Body);
}
