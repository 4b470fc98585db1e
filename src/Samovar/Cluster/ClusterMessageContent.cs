using Samovar.Cluster.Protocol;

namespace Samovar;

/// <summary>What a message of a task queue contains, as far as it can be verified and read. Immutable.</summary>
/// <param name="Problem">Why the message cannot be verified or read, for an operator; null if it can.</param>
/// <param name="Tasks">The tasks in it. Empty if it cannot be verified or read.</param>
public sealed record ClusterMessageContent(string? Problem, IReadOnlyList<ClusterTaskContent> Tasks)
{
    /// <summary>Gets the build of the program that submitted the tasks: the first 12 hexadecimal digits; null if it cannot be verified or read. Default: null.</summary>
    public string? Build { get; init; }

    /// <summary>Gets the random id of the executor that submitted the tasks; null if it cannot be verified or read. Default: null.</summary>
    public Guid? Owner { get; init; }

    /// <summary>Reads a message. Nothing in it is read before it was verified.</summary>
    internal static ClusterMessageContent Read(ReadOnlyMemory<byte> message, EnvelopeSeal seal)
    {
        var verdict = seal.Open(message, out var envelope);
        if (verdict is not (EnvelopeVerdict.Valid or EnvelopeVerdict.TooOld)) return new(EnvelopeTexts.Of(verdict, message.Span), []);
        if (envelope.Kind != MessageKind.Tasks) return new($"it is a message of the kind {envelope.Kind}, which does not belong into a task queue", []);
        try
        {
            var tasks = TasksMessage.Read(envelope.Body);
            return new(verdict == EnvelopeVerdict.Valid ? null : EnvelopeTexts.Of(verdict, message.Span), [.. tasks.Tasks.Select(Describe)])
            {
                Build = tasks.Build.ToString(),
                Owner = tasks.Owner,
            };
        }
        catch (MessageFormatException error)
        {
            return new($"it cannot be read: {error.Message}", []);
        }
    }

    private static ClusterTaskContent Describe(TaskEntry entry) => new(entry.Key.Id, entry.Key.Attempt, entry.Name.Length == 0 ? null : entry.Name, entry.Body.Length);
}
