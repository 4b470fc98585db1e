namespace Samovar.Benchmarks.Contestants;

/// <summary>One contestant of a row: sets itself up, then yields one figure each time it is asked, and clears up when it is disposed of.</summary>
/// <param name="request">What is wanted.</param>
internal delegate IAsyncEnumerable<double> Contestant(Request request);

/// <summary>What a contestant is asked for, and what it tells beside its figure.</summary>
/// <param name="scale">The share of the full amount of work, 0 to 1.</param>
internal sealed class Request(double scale)
{
    /// <summary>On a curve, where: workers, bytes, microseconds, tasks. Read anew for each figure.</summary>
    public double X { get; set; }

    /// <summary>The memory that the work took, where a contestant looks at it.</summary>
    public double? Bytes { get; set; }

    /// <summary>The amount of work for a figure.</summary>
    public int Of(int full, int least = 1) => Math.Max(least, (int)(full * scale));
}
