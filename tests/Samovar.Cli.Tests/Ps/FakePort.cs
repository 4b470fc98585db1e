using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Samovar.Cli.Tests.Ps;

/// <summary>A diagnostic port as a hostile or dying process may show it, in a folder of its own: the tool is pointed there.</summary>
internal sealed class FakePort : IDisposable
{
    private const int HeaderLength = 20;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sps-");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public FakePort()
    {
        typeof(Executor).Assembly.Location.ShouldNotBeEmpty(); // loaded by now: a process without the library is not asked
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder.FullName, $"dotnet-diagnostic-{Environment.ProcessId}-1-socket")));
        _listener.Listen(8);
    }

    /// <summary>A confirmation, with the number of a session.</summary>
    public static byte[] Confirmed { get; } = Message(command: 0, new byte[8]);

    public static byte[] Refused { get; } = Message(command: 0xff, new byte[4]);

    /// <summary>Runs the tool against it.</summary>
    /// <param name="answer">The port's response to a request.</param>
    /// <param name="lines">The lines sent over the requested connection; null for no connection.</param>
    /// <param name="command">The command, and its options; ps by default.</param>
    public async Task<ToolRun> AskAsync(byte[] answer, byte[]? lines, params string[] command)
    {
        string[] called = command.Length == 0 ? ["ps"] : command;
        var tool = ToolRun.ToolAsync([("TMPDIR", _folder.FullName)], [.. called, $"{Environment.ProcessId}"]);
        using (var asked = await _listener.AcceptAsync(TestContext.Current.CancellationToken))
        {
            byte[] question = await QuestionAsync(asked);
            if (lines is not null)
            {
                string words = Encoding.Unicode.GetString(question.AsSpan()[(question.Length % 2)..]);
                string address = words[(words.IndexOf("answer=", StringComparison.Ordinal) + 7)..].TrimEnd('\0');
                using var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(Encoding.UTF8.GetString(Convert.FromHexString(address))));
                await asked.SendAsync(answer);
                await connection.SendAsync(lines);
            }
            else
            {
                await asked.SendAsync(answer);
            }

            if (answer.SequenceEqual(Confirmed))
            {
                using var stopped = await _listener.AcceptAsync(TestContext.Current.CancellationToken);
                await QuestionAsync(stopped);
                await stopped.SendAsync(Confirmed);
            }
        }

        return await tool;
    }

    public void Dispose()
    {
        _listener.Dispose();
        _folder.GetDirectories("samovar-ps-*").ShouldBeEmpty();
        _folder.Delete(recursive: true);
    }

    private static async Task<byte[]> QuestionAsync(Socket socket)
    {
        byte[] header = await ReadAsync(socket, HeaderLength);
        return await ReadAsync(socket, BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(14)) - HeaderLength);
    }

    private static async Task<byte[]> ReadAsync(Socket socket, int length)
    {
        byte[] bytes = new byte[length];
        for (int had = 0; had < length;)
        {
            int more = await socket.ReceiveAsync(bytes.AsMemory(had), TestContext.Current.CancellationToken);
            more.ShouldBeGreaterThan(0);
            had += more;
        }

        return bytes;
    }

    private static byte[] Message(byte command, byte[] payload)
    {
        byte[] message = new byte[HeaderLength + payload.Length];
        "DOTNET_IPC_V1\0"u8.CopyTo(message);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(14), (ushort)message.Length);
        message[16] = 0xff;
        message[17] = command;
        payload.CopyTo(message, HeaderLength);
        return message;
    }
}
