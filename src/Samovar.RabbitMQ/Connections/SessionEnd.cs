using RabbitMQ.Client.Events;

namespace Samovar.RabbitMQ.Connections;

/// <summary>The reason why a session ended, for the log and for <see cref="ClusterReceiver.OnStateChanged"/>.</summary>
internal static class SessionEnd
{
    public static Exception Of(string what, ShutdownEventArgs? reason) => new IOException(
        reason is null ? $"{what} to RabbitMQ was closed." : $"{what} to RabbitMQ was closed by the {reason.Initiator}: {reason.ReplyText} (code {reason.ReplyCode}).",
        reason?.Exception);
}
