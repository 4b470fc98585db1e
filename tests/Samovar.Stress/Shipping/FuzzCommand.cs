using System.Diagnostics;

namespace Samovar.Stress.Shipping;

/// <summary>Alters valid messages by the million.</summary>
internal static class FuzzCommand
{
    public static Task<int> Run(CommandArguments arguments)
    {
        int count = arguments.Number("count", 1_000_000);
        int seed = arguments.Number("seed", 1);
        var fuzzer = new ShippingFuzzer();
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < count && fuzzer.Failures.Count < 10; i++)
        {
            fuzzer.Step(unchecked(seed * 1_000_003 + i));
            if ((i + 1) % 100_000 == 0)
                Console.WriteLine($"{i + 1,10:N0}  {fuzzer.Describe()}  {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s  {Environment.WorkingSet >> 20} MiB");
        }

        Console.WriteLine($"{fuzzer.Cases:N0} altered messages: {fuzzer.Describe()}");
        foreach (string failure in fuzzer.Failures) Console.WriteLine(failure);
        return Task.FromResult(fuzzer.Failures.Count == 0 ? 0 : 1);
    }
}
