using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Samovar.Cli.Attaching;

/// <summary>A connection to the diagnostic port that the .NET runtime opens in each process for the user that owns it
/// (https://github.com/dotnet/diagnostics/blob/main/documentation/design-docs/ipc-protocol.md).</summary>
internal sealed class DiagnosticPort : IDisposable
{
    private const int HeaderLength = 20;
    private const int LongestMessage = ushort.MaxValue;
    private const byte EventPipe = 2;
    private const byte StopTracing = 1;
    private const byte CollectTracing2 = 3;
    private const byte Succeeded = 0; // the command byte of a response

    private static ReadOnlySpan<byte> Magic => "DOTNET_IPC_V1\0"u8;

    private readonly Socket _socket;

    private DiagnosticPort(Socket socket) => _socket = socket;

    /// <summary>Returns the processes that have a port. Includes exited processes whose socket file was left behind.</summary>
    public static IEnumerable<int> Processes() =>
        PortFolders.All().SelectMany(static folder => Sockets(folder, "*"))
            .Select(static path => int.TryParse(Path.GetFileName(path).Split('-')[2], NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : 0)
            .Where(static pid => pid > 0).Distinct().Order();

    /// <summary>Connects to the port of a process; returns null if the process has none that this user may open.</summary>
    public static async Task<DiagnosticPort?> OpenAsync(int pid, CancellationToken outOfTime)
    {
        // A killed process leaves its socket behind, and its id may be reused.
        foreach (string path in PortFolders.Of(pid).SelectMany(folder => Sockets(folder, string.Create(CultureInfo.InvariantCulture, $"{pid}-*"))))
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), outOfTime);
                if (Peer.IsProcess(socket, pid)) return new DiagnosticPort(socket);
                socket.Dispose();
            }
            catch (SocketException)
            {
                socket.Dispose(); // no listener, or another user's socket; try the next one
            }
            catch (OperationCanceledException)
            {
                socket.Dispose();
                throw;
            }
        }

        return null;
    }

    /// <summary>Starts a session on one event source, which receives <paramref name="arguments"/>. The session lasts until it is stopped.</summary>
    /// <returns>The session's id; null if the runtime rejects the request.</returns>
    public async Task<ulong?> BeginAsync(string source, string arguments, CancellationToken outOfTime)
    {
        const uint megabytes = 1, netTrace = 1, critical = 1;
        using var payload = new MemoryStream();
        await using (var writer = new BinaryWriter(payload, Encoding.Unicode, leaveOpen: true))
        {
            writer.Write(megabytes);
            writer.Write(netTrace);
            writer.Write(false); // no rundown
            writer.Write(1); // sources
            writer.Write(0UL); // keywords
            writer.Write(critical);
            Write(writer, source);
            Write(writer, arguments);
        }

        return await CallAsync(CollectTracing2, payload.ToArray(), outOfTime) is [_, _, _, _, _, _, _, _] number
            ? BinaryPrimitives.ReadUInt64LittleEndian(number)
            : null;
    }

    /// <summary>Stops a session. Needs a connection of its own.</summary>
    public async Task StopAsync(ulong session, CancellationToken outOfTime)
    {
        byte[] number = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(number, session);
        await CallAsync(StopTracing, number, outOfTime);
    }

    public void Dispose() => _socket.Dispose();

    private static string[] Sockets(string folder, string which)
    {
        try
        {
            return Directory.GetFiles(folder, $"dotnet-diagnostic-{which}-socket");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return []; // the folder does not exist or this user may not read it, so it has no port for this user
        }
    }

    private static void Write(BinaryWriter writer, string text)
    {
        writer.Write(text.Length + 1);
        foreach (char one in text) writer.Write((ushort)one);
        writer.Write((ushort)0);
    }

    /// <summary>Sends a command, and returns the payload of the response; null if the response is an error.</summary>
    private async Task<byte[]?> CallAsync(byte command, byte[] payload, CancellationToken outOfTime)
    {
        byte[] message = new byte[HeaderLength + payload.Length];
        Magic.CopyTo(message);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(14), (ushort)message.Length);
        message[16] = EventPipe;
        message[17] = command;
        payload.CopyTo(message, HeaderLength);
        await _socket.SendAsync(message, outOfTime);

        byte[] header = await ReceiveAsync(HeaderLength, outOfTime);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(14)) - HeaderLength;
        if (!header.AsSpan().StartsWith(Magic) || length is < 0 or > LongestMessage)
            throw new InvalidDataException("the response does not follow the diagnostic protocol");
        byte[] answer = await ReceiveAsync(length, outOfTime);
        return header[17] == Succeeded ? answer : null;
    }

    private async Task<byte[]> ReceiveAsync(int length, CancellationToken outOfTime)
    {
        byte[] bytes = new byte[length];
        for (int had = 0; had < length;)
        {
            int more = await _socket.ReceiveAsync(bytes.AsMemory(had), outOfTime);
            if (more == 0) throw new EndOfStreamException();
            had += more;
        }

        return bytes;
    }
}
