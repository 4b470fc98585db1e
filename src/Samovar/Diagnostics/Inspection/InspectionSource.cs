using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Tracing;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Samovar.Diagnostics.Inspection;

/// <summary>Where <c>samovar ps</c> asks. This process opens nothing for it: whoever asks comes in through the runtime's own diagnostic port, which every
/// .NET process has and which the system keeps for its user, and names a socket to which the answer goes.</summary>
/// <remarks>
/// <para>It answers on a thread of its own, so also while the thread pool is starved and loops are stuck. The question is a session on this source with
/// two arguments: <c>most</c>, the number of children to show of a node, and <c>answer</c>, the address of the socket, UTF-8 in hexadecimal. A session
/// to which no connection comes has asked a process without executors.</para>
/// <para>The runtime calls under its lock of all event sources, and sockets make event sources when they are first used, as other types do whose
/// initialization another thread may have begun: connecting in the call would stop both for good.</para>
/// <para><see cref="TreeLines"/> has the form of the answer.</para>
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
        if (command.Command != EventCommand.Enable || command.Arguments is not { } arguments) return; // a tracing tool that listens to everything
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
            // Whoever asked has gone, or has not said where it is: there is nobody to tell.
            socket.Dispose();
            return null;
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whoever asked is told; the process that is looked at must not end by it.")]
    private static void Answer(Socket asker, int most)
    {
        using var connection = asker;
        try
        {
            var stream = new BufferedStream(new NetworkStream(asker), 64 * 1024); // not disposed: that would write, with nobody to catch what it throws
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
            // Whoever asked has gone before the end: there is nobody to tell.
        }
    }
}
