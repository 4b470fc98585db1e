using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Samovar.Cli.Ps;

/// <summary>Asks a process what its executors do: a session on its source of inspection, through the runtime's port, names the socket of this client, and
/// the process connects to it.</summary>
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
            // No file, so that nothing can be left behind; anybody may connect, and is known (Peer).
            _address = $"\0samovar-ps-{Guid.NewGuid():N}";
        }
        else
        {
            _folder = Directory.CreateTempSubdirectory("samovar-ps-"); // for this user alone
            _address = Path.Combine(_folder.FullName, "answer");
        }

        _listener.Bind(new UnixDomainSocketEndPoint(_address));
        _listener.Listen(1);
    }

    /// <summary>What a process answers; null when it is a .NET process in which no executor lives.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="most">How many children of a node it is to show.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="NoAnswerException">It has no port, does not answer in time, ends meanwhile, or answers what cannot be read.</exception>
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
                ? $"process {pid} is stopped, and cannot answer. Let it go on: kill -CONT {pid}."
                : $"process {pid} has not answered within {s_time.TotalSeconds:0} seconds.");
        }
        catch (Exception error) when (error is SocketException or EndOfStreamException)
        {
            throw new NoAnswerException($"process {pid} broke off in the middle of its answer: it has probably ended.");
        }
        catch (InvalidDataException error)
        {
            throw new NoAnswerException($"what process {pid} answered cannot be read: {error.Message}. Is its Samovar of another version?");
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
            $"process {_pid} cannot be asked. Either it is no .NET program, or its diagnostics are switched off (DOTNET_EnableDiagnostics), or the socket that it opened is not in {string.Join(" or ", PortFolders.Of(_pid))}.");
        string address = Convert.ToHexString(Encoding.UTF8.GetBytes(_address));
        ulong session = await port.BeginAsync(Source, string.Create(CultureInfo.InvariantCulture, $"most={most};answer={address}"), outOfTime)
            ?? throw new NoAnswerException($"the runtime of process {_pid} refuses sessions of its diagnostic port.");
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

    /// <summary>The connection that the process has made by now, if it has what was asked for.</summary>
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
            if (whole.Length > LargestReply) throw new InvalidDataException("it does not end");
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
            // It has ended, or hangs: then the session ends with the connection that began it.
        }
    }
}
