using System.Runtime.InteropServices;

namespace Samovar.Cli.Map.Outputs;

/// <summary>Writes to standard output directly. The framework's console stream ignores a closed pipe, and a FileStream writes at an offset of
/// its own to a file that it shares with other processes.</summary>
internal sealed partial class StandardOutput : Stream
{
    private const int Interrupted = 4; // EINTR
    private const short CanTake = 4; // POLLOUT
    private static readonly int s_again = OperatingSystem.IsLinux() ? 11 : 35; // EAGAIN

    private readonly int _descriptor;

    private StandardOutput(int descriptor) => _descriptor = descriptor;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public static Stream Open() => OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : On(descriptor: 1);

    /// <summary>Creates a stream on any writable descriptor, which it does not close.</summary>
    public static StandardOutput On(int descriptor) => new(descriptor);

    public override unsafe void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            nint written;
            fixed (byte* start = buffer) written = WriteBytes(_descriptor, start, buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
            }
            else if (Marshal.GetLastPInvokeError() is var error && error == s_again)
            {
                // The parent process has made the pipe non-blocking (Node does), and it is full.
                var full = new Poll { Descriptor = _descriptor, Wanted = CanTake };
                _ = WaitFor(ref full, 1, -1); // the next write reports an error, if there is one
            }
            else if (error != Interrupted)
            {
                throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    [StructLayout(LayoutKind.Sequential)]
    private struct Poll
    {
        public int Descriptor;
        public short Wanted;
        public short Found;
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int WaitFor(ref Poll polled, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint WriteBytes(int descriptor, byte* bytes, nint count);
}
