namespace Samovar.Cli.Map.Inputs;

/// <summary>Recognises compressed files, which cannot be read as text.</summary>
internal static class PackedFiles
{
    /// <summary>Returns the compression format of a file that begins with these bytes, and the command to decompress it; null if it is not
    /// compressed.</summary>
    public static (string Kind, string Command)? Find(ReadOnlySpan<byte> head) =>
        head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) ? ("gzip", "gzip -dc")
        : head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) ? ("Zstandard", "zstd -dc")
        : head.StartsWith((ReadOnlySpan<byte>)[0xFD, .. "7zXZ"u8]) ? ("xz", "xz -dc")
        : head.StartsWith((ReadOnlySpan<byte>)[.. "BZh"u8]) && head.Length > 9 && head[4..].StartsWith((ReadOnlySpan<byte>)[0x31, 0x41, 0x59, 0x26]) ? ("bzip2", "bzip2 -dc")
        : head.StartsWith((ReadOnlySpan<byte>)[.. "PK"u8, 3, 4]) ? ("a ZIP archive or a spreadsheet", "unzip -p")
        : null;

    /// <summary>Wraps a stream, and throws a <see cref="UsageException"/> on the first read if the data is compressed.</summary>
    /// <param name="stream">The stream, at its beginning.</param>
    /// <param name="name">The name for the error message.</param>
    public static Stream Refuse(Stream stream, string name) => new Checked(stream, name);

    private sealed class Checked(Stream stream, string name) : Stream
    {
        private bool _isBegun;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            int read = stream.Read(buffer);
            if (_isBegun) return read;
            _isBegun = true;
            return Find(buffer[..read]) is not var (kind, command)
                ? read
                : throw new UsageException(
                    $"The input, {name}, is compressed ({kind}). Decompress it into a pipe: "
                    + $"{command} {(name == TextInput.StandardInput ? "FILE" : name)} | samovar map … (with --input-format if it is not lines).");
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) stream.Dispose();
            base.Dispose(disposing);
        }
    }
}
