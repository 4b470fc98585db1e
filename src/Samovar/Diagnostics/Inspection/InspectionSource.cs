using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Tracing;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Samovar.Diagnostics.Inspection;

/// <summary>The event source that <c>samovar ps</c> queries. This process opens no port for it: the client connects through the runtime's
/// own diagnostic port, which every .NET process has and which is accessible to its user only, and passes the address of a socket to which
/// the response is sent.</summary>
/// <remarks>
/// <para>The response is written on a dedicated thread, so it also works while the thread pool is starved or loops are stuck. The request
/// is a session on this source with two arguments: <c>most</c>, the maximum number of children to show for a node, and <c>answer</c>, the
/// address of the socket, as UTF-8 in hexadecimal. If no connection is made for a session, the process has no executors.</para>
/// <para>The runtime calls <see cref="OnEventCommand"/> under its lock of all event sources. Sockets create event sources on first use, and
/// so do other types, whose initialization another thread may have begun: connecting inside the call would deadlock both threads.</para>
/// <para>For the format of the response, see <see cref="TreeLines"/>.</para>
/// </remarks>
internal sealed class InspectionSource : EventSource
{
    private const int SendTimeoutMilliseconds = 5_000;

    private static InspectionSource? s_open;

    private InspectionSource()
        : base("Samovar.Inspection", EventSourceSettings.EtwSelfDescribingEventFormat)
    {
    }

    public static void Open() => Volatile.Write(ref s_open, new InspectionSource());

    protected override void OnEventCommand(EventCommandEventArgs command)
    {
        if (command.Command != EventCommand.Enable || command.Arguments is not { } arguments) return; // a tracing tool that enables all sources
        if (!arguments.TryGetValue("answer", out string? address) || !arguments.TryGetValue("most", out string? most)) return;
        if (!int.TryParse(most, NumberStyles.None, CultureInfo.InvariantCulture, out int count)) return;
        new Thread(() => Answer(address, count)) { IsBackground = true, Name = Name }.UnsafeStart();
    }

    private static void Answer(string? address, int most)
    {
        if (Connect(address) is { } asker) Answer(asker, most);
    }

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

    [SuppressMessage("Design", "CA1031", Justification = "The error is sent to the client; it must not terminate the inspected process.")]
    private static void Answer(Socket asker, int most)
    {
        using var connection = asker;
        try
        {
            var stream = new BufferedStream(new NetworkStream(asker), 64 * 1024); // not disposed: that would write again, with no handler
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
        catch (IOException)
        {
            // The client exited before the response was complete: the error cannot be reported.
        }
    }
}
