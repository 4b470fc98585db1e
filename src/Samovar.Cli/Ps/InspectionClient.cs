using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Samovar.Cli.Ps;

/// <summary>Requests a snapshot of the executors of a process: a session on the process's inspection source, started through the runtime's
/// diagnostic port, passes the address of this client's socket, and the process connects to it.</summary>
internal sealed class InspectionClient : IDisposable
{
    private const string Source = "Samovar.Inspection";
    private const int LargestReply = 256 << 20;

    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_timeToConnect = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_timeToStop = TimeSpan.FromSeconds(1);

    private readonly int _pid;
    private readonly DirectoryInfo? _folder;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _address;

    private InspectionClient(int pid)
    {
        _pid = pid;
        if (OperatingSystem.IsLinux())
        {
            // An abstract address: no file that could be left behind. Any process may connect, so the peer is checked (Peer).
            _address = $"\0samovar-ps-{Guid.NewGuid():N}";
        }
        else
        {
            _folder = Directory.CreateTempSubdirectory("samovar-ps-"); // accessible to this user only
            _address = Path.Combine(_folder.FullName, "answer");
        }

        _listener.Bind(new UnixDomainSocketEndPoint(_address));
        _listener.Listen(1);
    }

    /// <summary>Requests the snapshot of a process; returns null for a .NET process without executors.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="most">The maximum number of children of a node.</param>
    /// <param name="cancellation">Cancels the request.</param>
    /// <exception cref="NoAnswerException">The process has no port, did not respond in time, exited meanwhile, or sent a malformed
    /// response.</exception>
    public static async Task<ProcessSnapshot?> AskAsync(int pid, int most, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_time);
        try
        {
            using var client = new InspectionClient(pid);
            return await client.RunAsync(most, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new NoAnswerException(Peer.IsStopped(pid)
                ? $"process {pid} is stopped and cannot respond. Resume it with: kill -CONT {pid}."
                : $"process {pid} did not respond within {s_time.TotalSeconds:0} seconds.");
        }
        catch (Exception error) when (error is SocketException or EndOfStreamException)
        {
            throw new NoAnswerException($"process {pid} closed the connection in the middle of its response. It has probably exited.");
        }
        catch (InvalidDataException error)
        {
            throw new NoAnswerException($"the response of process {pid} cannot be read: {error.Message}. Does it use another version of Samovar?");
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _folder?.Delete(recursive: true);
    }

    private async Task<ProcessSnapshot?> RunAsync(int most, CancellationToken outOfTime)
    {
        if (!Peer.MayHaveSamovar(_pid)) return null;
        using var port = await DiagnosticPort.OpenAsync(_pid, outOfTime) ?? throw new NoAnswerException(
            $"process {_pid} has no diagnostic port. Either it is not a .NET program, or its diagnostics are disabled "
            + $"(DOTNET_EnableDiagnostics=0), or its socket is not in {string.Join(" or ", PortFolders.Of(_pid))}.");
        string address = Convert.ToHexString(Encoding.UTF8.GetBytes(_address));
        ulong session = await port.BeginAsync(Source, string.Create(CultureInfo.InvariantCulture, $"most={most};answer={address}"), outOfTime)
            ?? throw new NoAnswerException($"the runtime of process {_pid} rejected the session on its diagnostic port.");
        try
        {
            using var answer = await AcceptAsync(outOfTime);
            return answer is null ? null : SnapshotReader.Read(await ReadAsync(answer, outOfTime));
        }
        finally
        {
            await StopAsync(session);
        }
    }

    /// <summary>Accepts the connection of the process; returns null if it does not connect in time, because it has no executors.</summary>
    private async Task<Socket?> AcceptAsync(CancellationToken outOfTime)
    {
        while (true)
        {
            if (!_listener.Poll(s_timeToConnect, SelectMode.SelectRead)) return null;
            var answer = await _listener.AcceptAsync(outOfTime);
            if (Peer.IsProcess(answer, _pid)) return answer;
            answer.Dispose();
        }
    }

    private static async Task<MemoryStream> ReadAsync(Socket answer, CancellationToken outOfTime)
    {
        var whole = new MemoryStream();
        byte[] part = new byte[64 * 1024];
        int read;
        while ((read = await answer.ReceiveAsync(part, outOfTime)) > 0)
        {
            whole.Write(part, 0, read);
            if (whole.Length > LargestReply) throw new InvalidDataException($"it is longer than {LargestReply >> 20} MiB");
        }

        whole.Position = 0;
        return whole;
    }

    private async Task StopAsync(ulong session)
    {
        using var limit = new CancellationTokenSource(s_timeToStop);
        try
        {
            using var port = await DiagnosticPort.OpenAsync(_pid, limit.Token);
            if (port is not null) await port.StopAsync(session, limit.Token);
        }
        catch (Exception error) when (error is SocketException or IOException or InvalidDataException or OperationCanceledException)
        {
            // The process has exited or hangs. The session stops with the connection that started it.
        }
    }
}
