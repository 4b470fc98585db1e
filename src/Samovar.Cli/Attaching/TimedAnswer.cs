using System.Net.Sockets;

namespace Samovar.Cli.Attaching;

/// <summary>Awaits the response of an inspected process for a limited time, and states why it is missing.</summary>
internal static class TimedAnswer
{
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(5);

    /// <summary>Runs a request.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="ask">The request, whose token is cancelled after 5 seconds.</param>
    /// <param name="cancellation">Cancels the request.</param>
    /// <exception cref="NoAnswerException">The process has no port, did not respond in time, exited meanwhile, or sent a malformed
    /// response.</exception>
    public static async Task<T> OfAsync<T>(int pid, Func<CancellationToken, Task<T>> ask, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_time);
        try
        {
            return await ask(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new NoAnswerException(Peer.IsStopped(pid)
                ? $"process {pid} is stopped and cannot respond. Resume it with: kill -CONT {pid}."
                : $"process {pid} did not respond within {s_time.TotalSeconds:0} seconds.");
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            throw new NoAnswerException($"process {pid} closed the connection in the middle of its response. It has probably exited.");
        }
        catch (InvalidDataException error)
        {
            throw Unreadable(pid, error);
        }
    }

    /// <summary>Creates the error for a response that is malformed.</summary>
    public static NoAnswerException Unreadable(int pid, InvalidDataException error) =>
        new($"the response of process {pid} cannot be read: {error.Message}. Does it use another version of Samovar?");
}
