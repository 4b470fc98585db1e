using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using RabbitMQ.Client;

namespace Samovar.RabbitMQ.Connections;

/// <summary>The address of a broker with the account to use. Its text has no password.</summary>
internal sealed class BrokerAddress
{
    private readonly bool _usesTls;
    private readonly string _host;
    private readonly int _port;
    private readonly string _password;

    private BrokerAddress(bool usesTls, string host, int port, string user, string password, string virtualHost)
    {
        _usesTls = usesTls;
        _host = host;
        _port = port;
        _password = password;
        User = user;
        VirtualHost = virtualHost;
    }

    public string User { get; }

    public string VirtualHost { get; }

    public bool IsLoopback =>
        IPAddress.TryParse(_host, out IPAddress? address) ? IPAddress.IsLoopback(address) : string.Equals(_host, "localhost", StringComparison.OrdinalIgnoreCase);

    public static BrokerAddress Parse(Uri uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        bool usesTls = uri.IsAbsoluteUri && uri.Scheme == "amqps";
        if (!uri.IsAbsoluteUri || (!usesTls && uri.Scheme != "amqp") || uri.Host.Length == 0 || uri.Host.Contains(',', StringComparison.Ordinal)) throw Invalid(nameof(uri));
        string path = uri.AbsolutePath.Length > 1 ? uri.AbsolutePath[1..] : "";
        if (path.Contains('/', StringComparison.Ordinal) || uri.Query.Length > 0 || uri.Fragment.Length > 0) throw Invalid(nameof(uri));

        string[] account = uri.UserInfo.Split(':', 2);
        string user = account[0].Length > 0 ? Uri.UnescapeDataString(account[0]) : ConnectionFactory.DefaultUser;
        string password = account.Length > 1 ? Uri.UnescapeDataString(account[1]) : account[0].Length > 0 ? "" : ConnectionFactory.DefaultPass;
        return new BrokerAddress(
            usesTls,
            uri.HostNameType == UriHostNameType.IPv6 ? uri.Host.Trim('[', ']') : uri.Host,
            uri.Port > 0 ? uri.Port : usesTls ? AmqpTcpEndpoint.DefaultAmqpSslPort : DefaultPort,
            user,
            password,
            path.Length > 0 ? Uri.UnescapeDataString(path) : "/");
    }

    /// <summary>The error for an address that is not valid. It does not contain the address, which can have a password.</summary>
    public static ArgumentException Invalid(string parameter) => new(
        "The address of the broker is not valid. It is amqp://user:password@host:port/vhost, or amqps:// for TLS; special characters in user, password and virtual host are percent-encoded. Several addresses are separated by commas, and each is complete.",
        parameter);

    /// <summary>Settings for the client library, without any recovery of its own.</summary>
    /// <param name="options">The options.</param>
    /// <param name="limit">How long opening the connection may take.</param>
    [SuppressMessage("Security", "CA5359:Do not disable certificate validation", Justification = "The callback is the user's option; null keeps the system's check.")]
    public ConnectionFactory CreateFactory(RabbitMQTransportOptions options, TimeSpan limit) => new()
    {
        HostName = _host,
        Port = _port,
        UserName = User,
        Password = _password,
        VirtualHost = VirtualHost,
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        RequestedHeartbeat = TimeSpan.FromSeconds(Math.Ceiling(options.Heartbeat.TotalSeconds)),
        RequestedConnectionTimeout = limit,
        HandshakeContinuationTimeout = limit,
        ContinuationTimeout = options.ConnectTimeout,
        Ssl = new SslOption
        {
            Enabled = _usesTls,
            ServerName = options.TlsServerName ?? _host,
            Certs = options.ClientCertificates,
            CertificateValidationCallback = options.ServerCertificateValidation,
            AcceptablePolicyErrors = SslPolicyErrors.None,
        },
    };

    public override string ToString()
    {
        string host = _host.Contains(':', StringComparison.Ordinal) ? $"[{_host}]" : _host;
        return $"{(_usesTls ? "amqps" : "amqp")}://{Uri.EscapeDataString(User)}@{host}:{_port}/{Uri.EscapeDataString(VirtualHost)}";
    }

    private const int DefaultPort = 5672;
}
