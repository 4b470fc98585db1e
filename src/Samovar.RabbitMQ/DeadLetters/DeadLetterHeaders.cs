using System.Collections;
using System.Globalization;
using System.Text;
using RabbitMQ.Client;
using Samovar.RabbitMQ.Topology;

namespace Samovar.RabbitMQ.DeadLetters;

/// <summary>The headers of dead letters: those that a member writes, and <c>x-death</c> of the broker, which moves a message itself when it was delivered
/// too often.</summary>
internal static class DeadLetterHeaders
{
    public const string Reason = "samovar-reason";
    public const string Time = "samovar-time";
    public const string Queue = "samovar-queue";
    public const string Member = "samovar-member";
    public const string Deliveries = "samovar-deliveries";

    /// <summary>Describes a dead letter.</summary>
    public static ClusterDeadLetter Read(ReadOnlyMemory<byte> body, IDictionary<string, object?>? headers, ClusterNames names)
    {
        var death = FirstDeath(headers);
        string? queue = Text(headers, Queue) ?? Text(death, "queue");
        return new ClusterDeadLetter(body, names.PriorityOf(queue) ?? TaskPriority.Normal, Text(headers, Reason) ?? ReasonOf(Text(death, "reason")))
        {
            Time = TimeOf(Text(headers, Time), death),
            Member = Text(headers, Member),
            Deliveries = Count(headers), // not x-delivery-count, which counts the deliveries of the dead letter
        };
    }

    private static string ReasonOf(string? broker) => broker switch
    {
        "delivery_limit" => "delivered too often without an acknowledgement: a task in it may kill its node",
        "rejected" => "rejected by a consumer that is no member of a cluster",
        "expired" => "expired in its queue",
        "maxlen" => "its queue was full",
        null => "unknown: another program has put it there",
        _ => broker,
    };

    private static DateTimeOffset? TimeOf(string? member, IDictionary<string, object?>? death)
    {
        if (DateTimeOffset.TryParse(member, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return time;
        return death?.TryGetValue("time", out object? value) == true && value is AmqpTimestamp { UnixTime: >= 0 and < 253_402_300_800 } stamp
            ? DateTimeOffset.FromUnixTimeSeconds(stamp.UnixTime)
            : null;
    }

    // The latest death is the first entry.
    private static IDictionary<string, object?>? FirstDeath(IDictionary<string, object?>? headers) =>
        headers?.TryGetValue("x-death", out object? value) == true && value is IList { Count: > 0 } deaths ? deaths[0] as IDictionary<string, object?> : null;

    private static string? Text(IDictionary<string, object?>? headers, string name) => headers?.TryGetValue(name, out object? value) == true
        ? value switch { byte[] bytes => Encoding.UTF8.GetString(bytes), string text => text, _ => null }
        : null;

    private static int Count(IDictionary<string, object?>? headers) => headers?.TryGetValue(Deliveries, out object? value) == true
        ? value switch { long before => (int)Math.Clamp(before, 0, int.MaxValue - 1) + 1, int before => Math.Clamp(before, 0, int.MaxValue - 1) + 1, _ => 0 }
        : 0;
}
