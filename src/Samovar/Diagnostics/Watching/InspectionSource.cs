using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Tracing;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Timelines;

namespace Samovar.Diagnostics.Watching;

/// <summary>The event source that <c>samovar ps</c>, <c>top</c> and <c>dashboard</c> query. This process opens no port for it: the client connects
/// through the runtime's own diagnostic port, which every .NET process has and which is accessible to its user only, and passes the address of a
/// socket to which the response is sent.</summary>
/// <remarks>
/// <para>The response is written on a dedicated thread, so it also works while the thread pool is starved or loops are stuck. The request
/// is a session on this source with the argument <c>answer</c>, the address of the socket, as UTF-8 in hexadecimal, and either <c>most</c>, the maximum
/// number of children to show for a node, for a single snapshot in the format of <see cref="TreeLines"/>, or <c>watch</c>, the number of pictures a
/// second, for a <see cref="WatchSession"/>, which may change something if <c>commands</c> is 1 and shows arguments of tasks if <c>arguments</c> is 1, or <c>trace</c>, which is 1, for a
/// <see cref="TraceResponse"/>. If no connection is made for a session, the process has no executors.</para>
/// <para>The runtime calls <see cref="OnEventCommand"/> under its lock of all event sources. Sockets create event sources on first use, and
/// so do other types, whose initialization another thread may have begun: connecting inside the call would deadlock both threads.</para>
/// </remarks>
internal sealed class InspectionSource : EventSource
{
    private const int SendTimeoutMilliseconds = 5_000;

    private static InspectionSource? s_open;
    private static int s_isOpen;

    private InspectionSource()
        : base("Samovar.Inspection", EventSourceSettings.EtwSelfDescribingEventFormat)
    {
    }

    /// <summary>Creates the source on the first call. That takes some milliseconds, for which no caller should wait.</summary>
    public static void OpenOnce()
    {
        if (Interlocked.Exchange(ref s_isOpen, 1) == 0) ThreadPool.UnsafeQueueUserWorkItem(static _ => Volatile.Write(ref s_open, new InspectionSource()), null);
    }

    protected override void OnEventCommand(EventCommandEventArgs command)
    {
        if (command.Command != EventCommand.Enable || command.Arguments is not { } arguments) return; // a tracing tool that enables all sources
        if (!arguments.TryGetValue("answer", out string? address)) return;
        if (NumberIn(arguments, "watch") is { } rate)
        {
            bool allowsCommands = NumberIn(arguments, "commands") == 1;
            bool showsArguments = NumberIn(arguments, "arguments") == 1;
            Start(address, connection => WatchSession.Run(connection, rate, allowsCommands, showsArguments));
        }
        else if (NumberIn(arguments, "trace") == 1)
        {
            Start(address, TraceResponse.Run);
        }
        else if (NumberIn(arguments, "most") is { } most)
        {
            Start(address, connection => Answer(connection, most));
        }
    }

    private static int? NumberIn(IDictionary<string, string?> arguments, string name) =>
        arguments.TryGetValue(name, out string? text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private void Start(string? address, Action<NetworkStream> respond) => new Thread(() =>
    {
        if (Connect(address) is not { } asker) return;
        using var connection = new NetworkStream(asker, ownsSocket: true);
        Respond(connection, respond);
    })
    {
        IsBackground = true,
        Name = Name,
    }.UnsafeStart();

    private static Socket? Connect(string? address)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { SendTimeout = SendTimeoutMilliseconds };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(Encoding.UTF8.GetString(Convert.FromHexString(address ?? ""))));
            return socket;
        }
        catch (Exception error) when (error is SocketException or FormatException or ArgumentException)
        {
            // The client has exited, or has sent an invalid address: the error cannot be reported.
            socket.Dispose();
            return null;
        }
    }

    /// <summary>Responds to a client. Does not throw: this is the whole work of a thread, and what it reads may be code of the program, such as the
    /// message of an exception.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "An error ends the response; it must not terminate the inspected process.")]
    public static void Respond<T>(T connection, Action<T> respond)
        where T : Stream
    {
        try
        {
            respond(connection);
        }
        catch (Exception)
        {
            // The client exited before the response was complete, does not read it, or the response failed: it sees that the connection ends.
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The error is sent to the client; it must not terminate the inspected process.")]
    private static void Answer(Stream connection, int most)
    {
        var stream = new BufferedStream(connection, 64 * 1024); // not disposed: that would write again, with no handler
        var lines = new TreeLines(stream);
        try
        {
            lines.Begin();
            foreach (var snapshot in ExecutorRegistry.Show(new SnapshotRequest(most))) lines.Add(snapshot);
            lines.End();
        }
        catch (Exception error) when (error is not IOException)
        {
            lines.Fail(error);
        }

        stream.Flush();
    }
}
