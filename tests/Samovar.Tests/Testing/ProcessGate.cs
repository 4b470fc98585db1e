using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using Samovar.Processes.Platform;
using Samovar.Serialization;

namespace Samovar.Tests.Testing;

/// <summary>A gate that work passes and opens in whatever process it runs: a pipe that holds a byte once it is open. It has no
/// name and leaves no file; the process that made it must keep it as long as others come to it.</summary>
[SupportedOSPlatform("linux")]
[ShipWith(typeof(Codec))]
public sealed unsafe partial class ProcessGate : Gate, IDisposable
{
    private const int ReadWrite = 2;

    private readonly SafeFileHandle _pipe; // both ends: neither end-of-file nor a signal when others have gone
    private readonly Lazy<Thread> _watch;

    public ProcessGate()
        : this(NewPipe())
    {
    }

    private ProcessGate(SafeFileHandle pipe)
    {
        _pipe = pipe;
        _watch = new Lazy<Thread>(() =>
        {
            var thread = new Thread(Watch) { IsBackground = true, Name = "gate" };
            thread.UnsafeStart();
            return thread;
        });
    }

    public override bool IsOpen => Poll(0);

    private int Descriptor => (int)_pipe.DangerousGetHandle();

    public override void Open()
    {
        byte one = 1;
        if (write(Descriptor, &one, 1) != 1) throw new IOException(Marshal.GetLastPInvokeErrorMessage());
        base.Open();
    }

    public override void Pass(CancellationToken cancellationToken = default)
    {
        _ = _watch.Value;
        base.Pass(cancellationToken);
    }

    public override Task PassAsync(CancellationToken cancellationToken = default)
    {
        _ = _watch.Value;
        return base.PassAsync(cancellationToken);
    }

    public void Dispose()
    {
        Open();
        if (_watch.IsValueCreated) _watch.Value.Join();
        _pipe.Dispose();
    }

    private static SafeFileHandle NewPipe()
    {
        int* ends = stackalloc int[2];
        if (LinuxProcessCalls.pipe2(ends, LinuxProcessCalls.CloseOnExec) != 0) throw new IOException(Marshal.GetLastPInvokeErrorMessage());
        var pipe = At(Environment.ProcessId, ends[0]);
        _ = LinuxProcessCalls.close(ends[0]);
        _ = LinuxProcessCalls.close(ends[1]);
        return pipe;
    }

    private static SafeFileHandle At(int processId, int descriptor)
    {
        int opened = LinuxProcessCalls.open(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/fd/{descriptor}"), ReadWrite | LinuxProcessCalls.CloseOnExec);
        return opened >= 0 ? new SafeFileHandle(opened, ownsHandle: true) : throw new IOException(Marshal.GetLastPInvokeErrorMessage());
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, byte* bytes, nuint count);

    private bool Poll(int milliseconds)
    {
        var entry = new LinuxProcessCalls.PollEntry { Descriptor = Descriptor, Wanted = LinuxProcessCalls.PollIn };
        return LinuxProcessCalls.poll(&entry, 1, milliseconds) == 1;
    }

    private void Watch()
    {
        while (!Poll(-1))
        {
            // A signal interrupted it.
        }

        base.Open();
    }

    private sealed class Codec : PayloadCodec<ProcessGate>
    {
        public override void Write(ProcessGate value, IBufferWriter<byte> output) =>
            output.Write(MemoryMarshal.AsBytes<int>([Environment.ProcessId, value.Descriptor]));

        public override ProcessGate Read(ReadOnlySpan<byte> payload)
        {
            int[] address = new int[2];
            payload.CopyTo(MemoryMarshal.AsBytes(address.AsSpan()));
            return new ProcessGate(At(address[0], address[1]));
        }
    }
}
