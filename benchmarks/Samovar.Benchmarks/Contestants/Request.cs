namespace Samovar.Benchmarks.Contestants;

/// <summary>One contestant of a row: sets itself up, then yields one figure for each request, and cleans up when it is disposed.</summary>
/// <param name="request">What is wanted.</param>
internal delegate IAsyncEnumerable<double> Contestant(Request request);

/// <summary>A request to a contestant, and what the contestant reports in addition to its figure.</summary>
/// <param name="scale">The share of the full amount of work, 0 to 1.</param>
internal sealed class Request(double scale)
{
    /// <summary>The place on a curve: workers, bytes, microseconds, tasks. Read again for each figure.</summary>
    public double X { get; set; }

    /// <summary>The memory that the work took, where a contestant looks at it.</summary>
    public double? Bytes { get; set; }

    /// <summary>The amount of work for a figure.</summary>
    public int Of(int full, int least = 1) => Math.Max(least, (int)(full * scale));
}
