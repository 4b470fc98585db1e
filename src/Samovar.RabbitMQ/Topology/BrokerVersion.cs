using System.Globalization;
using System.Text;

namespace Samovar.RabbitMQ.Topology;

/// <summary>The product and version that a broker reports when a connection opens. A declaration that succeeds does not prove that the broker knows its
/// arguments, so what a broker can do depends on this.</summary>
internal sealed class BrokerVersion
{
    private const int LargestMessage = 8 * 1024 * 1024;

    private static readonly Version s_oldest = new(3, 10);
    private static readonly Version s_consumerTimeout = new(3, 12);
    private static readonly Version s_returnsFree = new(4, 3);

    private readonly string _product;
    private readonly string _text;
    private readonly Version _version;

    public BrokerVersion(IDictionary<string, object?>? properties)
    {
        _product = Text(properties, "product") ?? "unknown broker";
        _text = Text(properties, "version") ?? "of unknown version";
        _version = Parse(_text);
    }

    public bool IsSupported => _version >= s_oldest;

    /// <summary>Whether a queue can have an acknowledgement timeout of its own.</summary>
    public bool HasConsumerTimeout => _version >= s_consumerTimeout;

    /// <summary>Whether a returned message does not count towards the delivery limit. Older brokers count every return, and would move a message to the
    /// dead letters that no member has begun to process.</summary>
    public bool ReturnsAreFree => _version >= s_returnsFree;

    public ClusterBroker Describe() => new(ToString(), LargestMessage) { Limitations = [.. Limitations()] };

    public override string ToString() => $"{_product} {_text}";

    private IEnumerable<string> Limitations()
    {
        if (!HasConsumerTimeout)
            yield return $"{this} has one acknowledgement timeout for the whole node, 30 minutes by default: it ignores x-consumer-timeout, which version 3.12 introduced.";
        if (!ReturnsAreFree)
            yield return $"{this} counts a returned message as delivered, so a member returns a message by publishing it again at the end of its queue.";
        yield return "RabbitMQ has no expiry for streams: the stream of a blob that has expired occupies disk space until it is deleted, for example with 'rabbitmqctl delete_queue'.";
    }

    // "3.10.8", and "4.1.0-rc.2+5" of a version that is not released.
    private static Version Parse(string text)
    {
        string[] parts = text.Split('.', 3);
        return parts.Length > 1 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out int major) && int.TryParse(parts[1], CultureInfo.InvariantCulture, out int minor)
            ? new Version(major, minor)
            : new Version(0, 0);
    }

    /// <summary>Reads a text from the properties of a broker; null if it does not have it.</summary>
    public static string? Text(IDictionary<string, object?>? properties, string name) => properties?.TryGetValue(name, out object? value) == true
        ? value switch { byte[] bytes => Encoding.UTF8.GetString(bytes), string text => text, _ => null }
        : null;
}
