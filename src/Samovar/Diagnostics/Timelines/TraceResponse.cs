using System.Net.Sockets;

namespace Samovar.Diagnostics.Timelines;

/// <summary>A trace that another process requested: it is written to the connection until that process closes its side.</summary>
internal static class TraceResponse
{
    private const int IntervalMicroseconds = 100_000;

    /// <summary>Writes the trace.</summary>
    /// <param name="connection">The connection, which the caller closes afterwards.</param>
    /// <exception cref="IOException">The connection failed.</exception>
    public static void Run(NetworkStream connection)
    {
        using var session = new TraceSession(connection);
        session.Begin();
        while (!connection.Socket.Poll(IntervalMicroseconds, SelectMode.SelectRead)) session.Advance();
        session.End();
    }
}
