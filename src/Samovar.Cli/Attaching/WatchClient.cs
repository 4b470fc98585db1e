using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Channels;

namespace Samovar.Cli.Attaching;

/// <summary>Watches a process: receives its pictures, and sends it requests. The protocol is in docs/reference/watch-protocol.md. Thread-safe, except
/// that one caller at a time reads pictures.</summary>
/// <remarks>The client always reads, so that the process never waits for a slow reader of pictures: of those that are not read in time, only the newest
/// are kept.</remarks>
internal sealed class WatchClient : IAsyncDisposable
{
    private const int LongestLine = 16 << 20;
    private const int KeptPictures = 8;

    private readonly Stream _connection;
    private readonly PipeReader _input;
    private readonly Channel<byte[]> _pictures = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(KeptPictures) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly ConcurrentDictionary<long, TaskCompletionSource<byte[]>> _asked = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Task _reading;
    private long _asks;
    private int _isClosed;
    private WatchEnd? _end;

    private WatchClient(Stream connection, PipeReader input, WatchHello hello)
    {
        _connection = connection;
        _input = input;
        Hello = hello;
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>What the process says of itself.</summary>
    public WatchHello Hello { get; }

    /// <summary>How the process says that it ends; null before, and if it was killed. Set when <see cref="ReadPictureAsync"/> returns null.</summary>
    public WatchEnd? End => Volatile.Read(ref _end);

    /// <summary>Starts watching a process; returns null for a .NET process without executors.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="rate">How many pictures to receive a second, from 1 to 20.</param>
    /// <param name="allowsCommands">Whether requests may change something.</param>
    /// <param name="cancellation">Cancels the request.</param>
    /// <exception cref="NoAnswerException">The process has no port, did not respond in time, exited meanwhile, or sent a malformed
    /// response.</exception>
    public static Task<WatchClient?> OpenAsync(int pid, int rate, bool allowsCommands, CancellationToken cancellation) => TimedAnswer.OfAsync(
        pid,
        async outOfTime =>
        {
            string arguments = string.Create(CultureInfo.InvariantCulture, $"watch={rate};commands={(allowsCommands ? 1 : 0)}");
            var connection = await InspectionSession.ConnectAsync(pid, arguments, outOfTime);
            return connection is null ? null : await StartAsync(new NetworkStream(connection, ownsSocket: true), outOfTime);
        },
        cancellation);

    /// <summary>Starts watching over a connection, which the client disposes.</summary>
    /// <exception cref="InvalidDataException">The first line is malformed.</exception>
    /// <exception cref="EndOfStreamException">The connection closed before the first line was complete.</exception>
    public static async Task<WatchClient> StartAsync(Stream connection, CancellationToken cancellation)
    {
        var input = PipeReader.Create(connection, new StreamPipeReaderOptions(bufferSize: 64 * 1024, leaveOpen: true));
        try
        {
            byte[] first = await NextLineAsync(input, cancellation) ?? throw new EndOfStreamException();
            return new WatchClient(connection, input, WatchHello.Read(first));
        }
        catch
        {
            await input.CompleteAsync();
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns the next picture, as a line of JSON without its end; null when the process has closed the connection.</summary>
    /// <exception cref="InvalidDataException">The process sent a malformed line.</exception>
    public async ValueTask<byte[]?> ReadPictureAsync(CancellationToken cancellation)
    {
        while (await _pictures.Reader.WaitToReadAsync(cancellation))
        {
            if (_pictures.Reader.TryRead(out byte[]? picture)) return picture;
        }

        return null;
    }

    /// <summary>Sends a request, and returns the reply, as a line of JSON without its end.</summary>
    /// <param name="what">The request.</param>
    /// <param name="arguments">Writes the arguments, as members of an object.</param>
    /// <param name="cancellation">Stops waiting for the reply.</param>
    /// <exception cref="IOException">The process has closed the connection.</exception>
    public async Task<byte[]> AskAsync(string what, Action<Utf8JsonWriter> arguments, CancellationToken cancellation)
    {
        long number = Interlocked.Increment(ref _asks);
        var reply = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[number] = reply;
        try
        {
            // SYNC: last request. The request is registered, then the end of the connection is read.
            if (Interlocked.CompareExchange(ref _isClosed, 0, 0) != 0) throw Closed();
            await SendAsync(number, what, arguments, cancellation);
            return await reply.Task.WaitAsync(cancellation);
        }
        finally
        {
            _asked.TryRemove(number, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync(); // so that the reader returns
        await _reading;
        _writing.Dispose();
    }

    private static IOException Closed() => new("The process has closed the connection.");

    private async Task SendAsync(long number, string what, Action<Utf8JsonWriter> arguments, CancellationToken cancellation)
    {
        var line = new ArrayBufferWriter<byte>();
        await using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteNumber("ask"u8, number);
            json.WriteString("what"u8, what);
            arguments(json);
            json.WriteEndObject();
        }

        line.Write("\n"u8);
        await _writing.WaitAsync(cancellation);
        try
        {
            await _connection.WriteAsync(line.WrittenMemory, CancellationToken.None); // half a line would spoil the connection
        }
        catch (ObjectDisposedException)
        {
            throw Closed();
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadAsync()
    {
        Exception? error = null;
        try
        {
            while (await NextLineAsync(_input, CancellationToken.None) is { } line) Take(line);
        }
        catch (InvalidDataException malformed)
        {
            error = malformed; // passed to the reader of pictures
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The process has exited, or this client was disposed.
        }

        await _input.CompleteAsync();
        _pictures.Writer.Complete(error);

        // SYNC: last request. The end of the connection is written, then the registered requests are read.
        Interlocked.Exchange(ref _isClosed, 1);
        foreach (var reply in _asked.Values) reply.TrySetException(Closed());
    }

    private void Take(byte[] line)
    {
        var (kind, number) = KindOf(line);
        switch (kind)
        {
            case "picture":
                _pictures.Writer.TryWrite(line);
                break;
            case "reply" when _asked.TryRemove(number, out var reply):
                reply.TrySetResult(line);
                break;
            case "end":
                Volatile.Write(ref _end, new WatchEnd((int)number));
                break;
        }
    }

    /// <summary>Returns the first member of a line, which says what the line is, and its number.</summary>
    private static (string Kind, long Number) KindOf(byte[] line)
    {
        try
        {
            var json = new Utf8JsonReader(line);
            if (json.Read() && json.TokenType == JsonTokenType.StartObject && json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                string kind = json.GetString()!;
                return (kind, json.Read() && json.TokenType == JsonTokenType.Number && json.TryGetInt64(out long number) ? number : 0);
            }

            throw new InvalidDataException("a line is not a JSON object");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"a line is not valid JSON ({error.Message})", error);
        }
    }

    private static async Task<byte[]?> NextLineAsync(PipeReader input, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellation);
            var buffer = read.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                byte[] line = buffer.Slice(0, end).ToArray();
                input.AdvanceTo(buffer.GetPosition(1, end));
                return line;
            }

            long length = buffer.Length;
            input.AdvanceTo(buffer.Start, buffer.End);
            if (length > LongestLine) throw new InvalidDataException($"a line is longer than {LongestLine >> 20} MiB");
            if (read.IsCompleted) return null; // a line that was cut off is no line
        }
    }
}
