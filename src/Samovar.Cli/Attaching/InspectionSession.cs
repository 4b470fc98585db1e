using System.Net.Sockets;
using System.Text;

namespace Samovar.Cli.Attaching;

/// <summary>A connection to the inspection source of a process: a session on it, started through the runtime's diagnostic port, passes the address of
/// a socket of this process, and the inspected process connects to that socket.</summary>
internal sealed class InspectionSession : IDisposable
{
    private const string Source = "Samovar.Inspection";

    private static readonly TimeSpan s_timeToConnect = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_timeToStop = TimeSpan.FromSeconds(1);

    private readonly int _pid;
    private readonly DirectoryInfo? _folder;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _address;

    private InspectionSession(int pid)
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

    /// <summary>Connects to a process; returns null for a .NET process without executors. The session on the diagnostic port has stopped by then: only
    /// the returned connection remains, which the caller disposes.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="arguments">The arguments of the request, without the address.</param>
    /// <param name="outOfTime">Cancels the request.</param>
    /// <exception cref="NoAnswerException">The process has no port, or its runtime rejects the session.</exception>
    public static async Task<Socket?> ConnectAsync(int pid, string arguments, CancellationToken outOfTime)
    {
        if (!Peer.MayHaveSamovar(pid)) return null;
        using var session = new InspectionSession(pid);
        return await session.RunAsync(arguments, outOfTime);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _folder?.Delete(recursive: true);
    }

    private async Task<Socket?> RunAsync(string arguments, CancellationToken outOfTime)
    {
        using var port = await DiagnosticPort.OpenAsync(_pid, outOfTime) ?? throw new NoAnswerException(
            $"process {_pid} has no diagnostic port. Either it is not a .NET program, or its diagnostics are disabled "
            + $"(DOTNET_EnableDiagnostics=0), or its socket is not in {string.Join(" or ", PortFolders.Of(_pid))}.");
        string address = Convert.ToHexString(Encoding.UTF8.GetBytes(_address));
        ulong session = await port.BeginAsync(Source, $"{arguments};answer={address}", outOfTime)
            ?? throw new NoAnswerException($"the runtime of process {_pid} rejected the session on its diagnostic port.");
        try
        {
            return await AcceptAsync(outOfTime);
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
