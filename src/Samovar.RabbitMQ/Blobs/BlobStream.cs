using System.Security.Cryptography;
using Samovar.RabbitMQ.Connections;

namespace Samovar.RabbitMQ.Blobs;

/// <summary>The content of a blob, read once from its start. Its length and hash are checked when the end is read. Not thread-safe.</summary>
internal sealed class BlobStream : Stream
{
    private readonly ChunkReader _chunks;
    private readonly string _key;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private ReadOnlyMemory<byte> _rest; // of the chunk that is being read
    private long _received;
    private bool _isComplete;

    private BlobStream(ChunkReader chunks, string key)
    {
        _chunks = chunks;
        _key = key;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static async Task<Stream?> OpenAsync(RabbitMQConnection connection, string key, CancellationToken cancellationToken)
    {
        string mark = BlobFormat.Mark(connection.Names, key);
        bool exists = await connection.RequestAsync((session, token) => BlobFormat.ExistsAsync(session.Requests, mark, token), cancellationToken).ConfigureAwait(false);
        return exists ? new BlobStream(new ChunkReader(connection, key), key) : null;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        // A synchronous read blocks its thread until the chunk is here; readers that can avoid it use ReadAsync.
        if (_rest.IsEmpty && !_isComplete) ReceiveAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        int taken = Math.Min(buffer.Length, _rest.Length);
        _rest.Span[..taken].CopyTo(buffer);
        _rest = _rest[taken..];
        return taken;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_rest.IsEmpty && !_isComplete) await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        return Read(buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await _chunks.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            _isComplete = true;
            _chunks.Dispose();
        }

        base.Dispose(disposing);
    }

    // Receives the next chunk that is not empty, or finds the end.
    private async ValueTask ReceiveAsync(CancellationToken cancellationToken)
    {
        Chunk chunk = await _chunks.ReadAsync(cancellationToken).ConfigureAwait(false);
        _received += chunk.Content.Length;
        _hash.AppendData(chunk.Content.Span);
        if (_received > chunk.Length) throw new IOException($"The blob '{_key}' is damaged: it has more than {chunk.Length} bytes.");
        if (_received == chunk.Length)
        {
            _isComplete = true;
            if (!string.Equals(Convert.ToHexStringLower(_hash.GetHashAndReset()), chunk.Hash, StringComparison.Ordinal))
                throw new IOException($"The blob '{_key}' is damaged: its SHA-256 is not the one that it was stored with.");
        }

        _rest = chunk.Content;
    }
}
