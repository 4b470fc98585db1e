using System.Security.Cryptography;

namespace Samovar;

/// <summary>A message that was moved to the queue of dead letters, because no node could process it. Immutable.</summary>
/// <param name="Body">The message.</param>
/// <param name="Priority">The queue from which it was moved.</param>
/// <param name="Reason">Why it was moved, for an operator.</param>
public sealed record ClusterDeadLetter(ReadOnlyMemory<byte> Body, TaskPriority Priority, string Reason)
{
    private const int IdLength = 12;

    /// <summary>Gets the message.</summary>
    public ReadOnlyMemory<byte> Body { get; } = Body;

    /// <summary>Gets a name of the message, which is computed from its content: 12 hexadecimal digits. Equal messages have equal ids.</summary>
    public string Id { get; } = Convert.ToHexStringLower(SHA256.HashData(Body.Span))[..IdLength];

    /// <summary>Gets when it was moved; null if the broker does not know. Default: null.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Gets the name of the member that moved it; null if the broker did. Default: null.</summary>
    public string? Member { get; init; }

    /// <summary>Gets how often it had been delivered, as far as the broker knows; 0 if unknown. Default: 0.</summary>
    public int Deliveries { get; init; }
}
