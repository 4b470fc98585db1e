using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace Samovar.Dashboard.Watches;

/// <summary>A connection to a watched program: reads its lines, and sends requests. Requests may be sent on any thread; <see cref="ReadAsync"/> is called
/// once.</summary>
internal sealed class WatchConnection(Stream stream) : IAsyncDisposable
{
    private const int Protocol = 1;
    private const int LongestLine = 8 << 20;
    private const int MostRequests = 32;

    private readonly Lock _gate = new(); // guards the fields below
    private readonly Dictionary<long, TaskCompletionSource<byte[]>> _asked = [];
    private readonly SemaphoreSlim _writing = new(1, 1);
    private long _lastAsk;
    private bool _isClosed;

    /// <summary>The exit code that the program sent; null if it sent none. Set before <see cref="ReadAsync"/> returns, on its thread.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Reads lines until the connection ends, and passes each hello and each picture, without the end of its line.</summary>
    /// <exception cref="IOException">The connection failed.</exception>
    /// <exception cref="InvalidDataException">The program sent a malformed line, or has another version of the protocol.</exception>
    public async Task ReadAsync(Action<LineKind, long, byte[]> received, CancellationToken cancellation)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true, bufferSize: 64 * 1024));
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(cancellation).ConfigureAwait(false);
                var buffer = result.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    Receive(buffer.Slice(0, end).ToArray(), received);
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                }

                if (buffer.Length > LongestLine) throw new InvalidDataException($"a line is longer than {LongestLine >> 20} MiB");
                reader.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted) return;
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Sends a request, and returns the program's reply as JSON.</summary>
    /// <param name="request">An object of the protocol; a number that it has is replaced.</param>
    /// <param name="cancellation">Abandons the request.</param>
    /// <exception cref="IOException">The connection is closed, or too many requests have no reply yet.</exception>
    public async Task<byte[]> AskAsync(JsonElement request, CancellationToken cancellation)
    {
        var reply = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        long ask;
        lock (_gate)
        {
            if (_isClosed) throw Closed();
            if (_asked.Count >= MostRequests) throw new IOException($"{MostRequests} requests to the program have no reply yet.");
            ask = ++_lastAsk;
            _asked[ask] = reply;
        }

        try
        {
            byte[] line = LineOf(request, ask);
            await _writing.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                await stream.WriteAsync(line, CancellationToken.None).ConfigureAwait(false); // half a line would spoil the connection
                await stream.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                _writing.Release();
            }

            return await reply.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate) _asked.Remove(ask);
        }
    }

    /// <summary>Closes the connection, which stops the session in the program. Requests without a reply fail.</summary>
    public async ValueTask DisposeAsync()
    {
        List<TaskCompletionSource<byte[]>> left;
        lock (_gate)
        {
            _isClosed = true;
            left = [.. _asked.Values];
        }

        await stream.DisposeAsync().ConfigureAwait(false);
        foreach (var reply in left) reply.TrySetException(Closed());
    }

    private static IOException Closed() => new("The connection to the program ended.");

    private static byte[] LineOf(JsonElement request, long ask)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("ask"u8, ask);
            foreach (var member in request.EnumerateObject())
            {
                if (!member.NameEquals("ask"u8)) member.WriteTo(json);
            }

            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private void Receive(byte[] line, Action<LineKind, long, byte[]> received)
    {
        var (kind, number) = LineReading.Identify(line);
        if (kind == LineKind.Reply)
        {
            TaskCompletionSource<byte[]>? reply;
            lock (_gate) _asked.TryGetValue(number, out reply);
            reply?.TrySetResult(line);
        }
        else if (kind == LineKind.End)
        {
            ExitCode = (int)number;
        }
        else if (kind != LineKind.Unknown)
        {
            if (kind == LineKind.Hello && number != Protocol) throw new InvalidDataException($"the program has version {number} of the protocol, and this dashboard version {Protocol}");
            received(kind, number, line);
        }
    }
}
