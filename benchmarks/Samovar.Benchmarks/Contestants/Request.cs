namespace Samovar.Benchmarks.Contestants;

/// <summary>A contestant of a row: sets itself up, yields a figure for each request, and cleans up when it is disposed.</summary>
/// <param name="request">The current request.</param>
internal delegate IAsyncEnumerable<double> Contestant(Request request);

/// <summary>A request to a contestant, and what the contestant reports in addition to its figure.</summary>
/// <param name="scale">The fraction of the full amount of work, 0 to 1.</param>
internal sealed class Request(double scale)
{
    /// <summary>Gets or sets the place on a curve: workers, bytes, microseconds or tasks. Read for each figure.</summary>
    public double X { get; set; }

    /// <summary>Gets or sets the memory that the work took, in bytes; null if the contestant does not measure it.</summary>
    public double? Bytes { get; set; }

    /// <summary>Returns the amount of work for a figure.</summary>
    public int Of(int full, int least = 1) => Math.Max(least, (int)(full * scale));
}
