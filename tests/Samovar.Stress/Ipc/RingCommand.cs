using System.Diagnostics;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;

namespace Samovar.Stress.Ipc;

/// <summary>Many messages through a small ring, which is full or empty most of the time.</summary>
internal static class RingCommand
{
    private const int Capacity = 512;

    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        int messages = arguments.Number("count", 200_000);
        using var memory = new LocalSegment(2 * Capacity);
        long began = Stopwatch.GetTimestamp();
        string? problem = await Passage(memory, messages, arguments.Number("seed", 11)).RunAsync().ConfigureAwait(false);
        Console.WriteLine(problem ?? $"{messages:N0} messages arrived whole and in order, in {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s");
        return problem is null ? 0 : 1;
    }

    private static unsafe RingPassage Passage(LocalSegment memory, int messages, int seed)
    {
        var ring = new MessageRing(memory.At(0, Capacity), Capacity, (long*)memory.At(Capacity, sizeof(long)));
        return new RingPassage(new MessageRingWriter(ring), new MessageRingReader(ring), messages, seed);
    }
}
