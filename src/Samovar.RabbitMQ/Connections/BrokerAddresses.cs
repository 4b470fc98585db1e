using System.Text.RegularExpressions;

namespace Samovar.RabbitMQ.Connections;

/// <summary>The addresses of a broker, or of several that are one cluster of brokers. Immutable.</summary>
internal sealed partial class BrokerAddresses
{
    private BrokerAddresses(IEnumerable<BrokerAddress> all) => All = [.. all];

    public IReadOnlyList<BrokerAddress> All { get; }

    public bool AreLoopback => All.All(static address => address.IsLoopback);

    /// <summary>Reads addresses that are separated by commas.</summary>
    public static BrokerAddresses Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Create(Separator().Split(text.Trim()).Select(static uri => Uri.TryCreate(uri, UriKind.Absolute, out Uri? parsed) ? parsed : throw BrokerAddress.Invalid(nameof(uri))), "uri");
    }

    /// <exception cref="ArgumentException">There are no addresses, one is not valid, or they have different virtual hosts.</exception>
    public static BrokerAddresses Create(IEnumerable<Uri> uris, string parameter)
    {
        var addresses = new BrokerAddresses(uris.Select(BrokerAddress.Parse));
        if (addresses.All.Count == 0) throw new ArgumentException("There is no address of a broker. Pass at least one.", parameter);
        string[] hosts = [.. addresses.All.Select(static address => address.VirtualHost).Distinct(StringComparer.Ordinal)];
        if (hosts.Length == 1) return addresses;
        throw new ArgumentException(
            $"The addresses have different virtual hosts ({string.Join(", ", hosts.Select(static host => $"'{host}'"))}). Name the same one in each: members that use different ones do not see each other.",
            parameter);
    }

    public override string ToString() => string.Join(',', All);

    // A comma inside an address, such as in a password, does not separate.
    [GeneratedRegex(@"\s*,\s*(?=amqps?://)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Separator();
}
