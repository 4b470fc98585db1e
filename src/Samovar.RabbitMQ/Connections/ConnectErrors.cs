using System.Net.Sockets;
using System.Security.Authentication;
using RabbitMQ.Client.Exceptions;

namespace Samovar.RabbitMQ.Connections;

/// <summary>Turns the errors of the client library into one sentence on what happened and one on what to do.</summary>
internal static class ConnectErrors
{
    private const int AccessRefused = 403;
    private const int PreconditionFailed = 406;
    private const int NotAllowed = 530;

    public static ClusterConnectionException Describe(Exception error, BrokerAddress address)
    {
        if (error is ClusterConnectionException described) return described;
        Exception[] causes = [.. Causes(error)];
        if (causes.OfType<AuthenticationFailureException>().FirstOrDefault() is { } or PossibleAuthenticationFailureException)
        {
            return new ClusterConnectionException(
                $"RabbitMQ at {address} refused the password of user '{address.User}', or has no such user. Correct the user and password in the address. The user 'guest' may connect from the broker's own machine only.",
                error);
        }

        if (causes.OfType<OperationInterruptedException>().FirstOrDefault(static interrupted => interrupted.ShutdownReason is not null) is { } closed)
            return new ClusterConnectionException(DescribeClosed(closed.ShutdownReason!.ReplyCode, closed.ShutdownReason.ReplyText, address), error);

        if (causes.OfType<AuthenticationException>().FirstOrDefault() is { } tls)
        {
            return new ClusterConnectionException(
                $"RabbitMQ at {address} and this machine could not agree on TLS: {tls.Message} Check the broker's certificate, and the options TlsServerName and ServerCertificateValidation.",
                error);
        }

        string reason = (causes.OfType<SocketException>().FirstOrDefault() ?? causes.OfType<TimeoutException>().FirstOrDefault() ?? causes[^1]).Message;
        return new ClusterConnectionException(
            $"RabbitMQ at {address} cannot be reached: {reason.TrimEnd('.')}. Check that the broker runs and accepts connections at this host and port.", error);
    }

    /// <summary>One error for the failures of all brokers.</summary>
    public static ClusterConnectionException DescribeAll(IReadOnlyList<ClusterConnectionException> failures) => failures.Count == 1
        ? failures[0]
        : new ClusterConnectionException(
            $"None of {failures.Count} brokers can be used:\n{string.Join('\n', failures.Select(static failure => $"  {failure.Message}"))}", new AggregateException(failures));

    private static string DescribeClosed(int code, string text, BrokerAddress address) => code switch
    {
        NotAllowed when text.Contains("not found", StringComparison.Ordinal) =>
            $"RabbitMQ at {address} has no virtual host '{address.VirtualHost}'. Correct the address, or create it with 'rabbitmqctl add_vhost {address.VirtualHost}'.",
        NotAllowed when text.Contains("refused", StringComparison.Ordinal) =>
            $"RabbitMQ at {address} does not permit user '{address.User}' to use the virtual host '{address.VirtualHost}'. Permit it with 'rabbitmqctl set_permissions -p {address.VirtualHost} {address.User} \"^samovar\\.\" \".*\" \".*\"'.",
        AccessRefused =>
            $"RabbitMQ at {address} does not permit user '{address.User}' to create or use the queues of the cluster ({text}). Permit it with 'rabbitmqctl set_permissions -p {address.VirtualHost} {address.User} \"^samovar\\.\" \".*\" \".*\"'.",
        PreconditionFailed =>
            $"RabbitMQ at {address} has a queue of the cluster that was created with other settings ({text}). Use the same RabbitMQTransportOptions in all members, or delete the queue when it is empty.",
        _ => $"RabbitMQ at {address} refused the connection: {text} (code {code}). The broker's log has the details.",
    };

    /// <summary>Returns an error with everything that caused it.</summary>
    public static IEnumerable<Exception> Causes(Exception error)
    {
        yield return error;
        IEnumerable<Exception> inner = error is AggregateException several ? several.InnerExceptions : error.InnerException is { } one ? [one] : [];
        foreach (Exception cause in inner.SelectMany(Causes)) yield return cause;
    }
}
