using System.IO.Pipelines;

namespace Samovar.Dashboard.Watches;

/// <summary>One end of a connection in memory: a stream that reads from one pipe and writes into another one.</summary>
internal sealed class PipePair : Stream
{
    private readonly PipeReader _reader;
    private readonly PipeWriter _writer;
    private readonly Stream _input;
    private readonly Stream _output;

    private PipePair(Pipe input, Pipe output)
    {
        _reader = input.Reader;
        _writer = output.Writer;
        _input = _reader.AsStream(leaveOpen: true);
        _output = _writer.AsStream(leaveOpen: true);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Creates the two ends. A writer waits while the reader has more than 64 KiB to read, which is the pipes' default.</summary>
    public static (PipePair One, PipePair Other) Create()
    {
        var options = new PipeOptions(useSynchronizationContext: false);
        Pipe there = new(options), back = new(options);
        return (new PipePair(there, back), new PipePair(back, there));
    }

    public override int Read(byte[] buffer, int offset, int count) => _input.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => _input.Read(buffer);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _input.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        _input.ReadAsync(buffer, offset, count, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => _output.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => _output.Write(buffer);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _output.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        _output.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Flush() => _output.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Closes this end; reads of the other end throw the error.</summary>
    public void Fail(Exception error) => Close(error);

    /// <summary>Closes this end: reads of the other end return the end of the stream, its writes are discarded, and a pending read of this end
    /// fails.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing) Close(null);
        base.Dispose(disposing);
    }

    private void Close(Exception? error)
    {
        _reader.CancelPendingRead(); // completing a reader does not complete its pending read
        _reader.Complete();
        _writer.Complete(error);
    }
}
