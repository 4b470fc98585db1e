using System.IO.Pipes;
using System.Runtime.InteropServices;
using Samovar.Cli.Map.Outputs;

namespace Samovar.Cli.Tests.Map.Outputs;

public sealed partial class StandardOutputTests
{
    private const int SetFlags = 4; // F_SETFL
    private const int NonBlocking = 0x800; // O_NONBLOCK

    [ProcessFact]
    public async Task A_pipe_that_does_not_block_gets_everything_however_slow_its_reader()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the numbers are Linux's");
        byte[] sent = new byte[1_000_000]; // more than a pipe holds
        new Random(1).NextBytes(sent);
        await using var end = new AnonymousPipeServerStream(PipeDirection.Out);
        await using var reader = new AnonymousPipeClientStream(PipeDirection.In, end.ClientSafePipeHandle);
        int descriptor = (int)end.SafePipeHandle.DangerousGetHandle();
        Control(descriptor, SetFlags, NonBlocking).ShouldBe(0);

        Task writing = Task.Run(() => StandardOutput.On(descriptor).Write(sent, 0, sent.Length), TestContext.Current.CancellationToken);
        byte[] received = new byte[sent.Length];
        await reader.ReadExactlyAsync(received, TestContext.Current.CancellationToken);
        await writing;

        received.ShouldBe(sent);
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command, nint flags);
}
