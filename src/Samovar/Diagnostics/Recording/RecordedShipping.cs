namespace Samovar.Diagnostics.Recording;

/// <summary>What it took to ship the work of a task to its worker, and the result back.</summary>
/// <param name="Sending">The time for serializing the work.</param>
/// <param name="Returning">The time from the end of the work, on its worker, until the result was there and deserialized.</param>
/// <param name="SentBytes">The size of the serialized work.</param>
/// <param name="Largest">The largest captured value of work that is large, with its size; null if it is not known.</param>
internal sealed record RecordedShipping(TimeSpan Sending, TimeSpan Returning, long SentBytes, string? Largest)
{
    public TimeSpan Time => Sending + Returning;
}
