using System.Diagnostics;

namespace Samovar.Executors.Actors.Captured;

/// <summary>Joins the parts of messages, by the numbers of their calls. Thread-safe.</summary>
internal sealed class PartialMessages
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, MemoryStream> _begun = [];

    /// <summary>Adds a part.</summary>
    /// <returns>The whole message if the part is the last one; otherwise null.</returns>
    public CallMessage? Add(CallMessage part)
    {
        lock (_gate)
        {
            if (part.IsLast && !_begun.ContainsKey(part.Number)) return part;
            if (!_begun.TryGetValue(part.Number, out var begun)) _begun.Add(part.Number, begun = new MemoryStream());
            begun.Write(part.Body.Span);
            CheckInvariantsLocked();
            if (!part.IsLast) return null;
            _begun.Remove(part.Number);
            return part with { Body = begun.GetBuffer().AsMemory(0, (int)begun.Length) };
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate guards the messages");
        Debug.Assert(_begun.Values.All(static begun => begun.Length > 0), "a message that has begun has a part");
    }
}
