using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Samovar.Ipc.Platform.Linux;
using static Samovar.Processes.Platform.LinuxProcessCalls;

namespace Samovar.Cli.Map.Shell.Platform;

/// <summary>Runs commands with posix_spawn, pidfds and process groups. The thread that runs a command waits for its exit and reads its pipes.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxCommandPlatform : CommandPlatform
{
    private const int BufferSize = 64 * 1024;
    private const int PriorityOfProcess = 0;
    private const long LargestPipe = 1024 * 1024; // unless a privileged process has enlarged it

    private static readonly int s_nothing = open("/dev/null", ReadOnly | CloseOnExec);

    [ThreadStatic]
    private static byte[]? t_buffer;

    [ThreadStatic]
    private static int t_nice; // of this thread, in addition to the tool's; commands inherit it

    public override void Guard() => LinuxGuard.Start(s_nothing);

    public override CommandEnd Run(CommandStart start, CapturedOutput.SpanAction output, CapturedOutput.SpanAction errors, CancellationToken cancellation)
    {
        SetNice(start.Nice);
        int* outputs = stackalloc int[2] { -1, -1 };
        int* complaints = stackalloc int[2] { -1, -1 };
        LinuxCommand command;
        try
        {
            if (pipe2(outputs, CloseOnExec) != 0 || pipe2(complaints, CloseOnExec) != 0)
                throw new CommandStartException($"it could not be started: {LinuxMemory.Failure("pipe2").Message}", cannotRun: false);
            command = new LinuxCommand(LinuxSpawn.Start(start.Program, start.Words, s_nothing, outputs[1], complaints[1]));
        }
        catch
        {
            Close(outputs[0]);
            Close(complaints[0]);
            throw; // nothing was started
        }
        finally
        {
            Close(outputs[1]);
            Close(complaints[1]);
        }

        try
        {
            using CancellationTokenRegistration registration = cancellation.UnsafeRegister(static c => ((LinuxCommand)c!).Terminate(), command);
            bool timedOut = Watch(command, start.Timeout, ref outputs[0], ref complaints[0], output, errors);
            return command.End(timedOut);
        }
        catch
        {
            command.Kill();
            _ = command.End(timedOut: false);
            throw; // the output cannot be kept
        }
        finally
        {
            Close(outputs[0]);
            Close(complaints[0]);
        }
    }

    // Returns when the process has exited, with what it has written up to then. Processes that it left behind may hold the pipes open.
    private static bool Watch(LinuxCommand command, TimeSpan? timeout, ref int outputPipe, ref int errorPipe, CapturedOutput.SpanAction output, CapturedOutput.SpanAction errors)
    {
        long began = Stopwatch.GetTimestamp();
        bool timedOut = false;
        PollEntry* entries = stackalloc PollEntry[3];
        while (true)
        {
            entries[0] = new PollEntry { Descriptor = command.Pidfd, Wanted = PollIn };
            entries[1] = new PollEntry { Descriptor = outputPipe, Wanted = PollIn }; // poll skips negative descriptors
            entries[2] = new PollEntry { Descriptor = errorPipe, Wanted = PollIn };
            int wait = timeout is { } limit && !timedOut ? Milliseconds(limit - Stopwatch.GetElapsedTime(began)) : -1;
            int ready = poll(entries, 3, wait);
            if (ready < 0) continue; // interrupted by a signal
            if (ready == 0)
            {
                if (timeout is { } given && Stopwatch.GetElapsedTime(began) < given) continue;
                timedOut = true;
                command.Terminate();
                continue;
            }

            bool hasExited = entries[0].Found != 0;
            if (entries[1].Found != 0 || hasExited) Read(ref outputPipe, output, hasExited);
            if (entries[2].Found != 0 || hasExited) Read(ref errorPipe, errors, hasExited);
            if (hasExited) return timedOut;
        }
    }

    // Reads once if more may come, because a pipe with data does not block; otherwise all that is there.
    private static void Read(ref int pipe, CapturedOutput.SpanAction take, bool isLast)
    {
        if (pipe < 0) return;
        if (isLast) _ = fcntl(pipe, SetStatusFlags, NonBlocking);
        byte[] buffer = t_buffer ??= GC.AllocateUninitializedArray<byte>(BufferSize);
        long most = isLast ? LargestPipe : 1;
        while (most > 0)
        {
            nint got;
            fixed (byte* bytes = buffer) got = read(pipe, bytes, BufferSize);
            if (got > 0)
            {
                take(buffer.AsSpan(0, (int)got));
                most -= got;
                continue;
            }

            if (got < 0 && Marshal.GetLastPInvokeError() is var error && error == Eintr) continue;
            if (got < 0 && Marshal.GetLastPInvokeError() == Eagain) return;
            Close(pipe);
            pipe = -1;
            return;
        }
    }

    private static int Milliseconds(TimeSpan left) => left <= TimeSpan.Zero ? 0 : (int)Math.Min(int.MaxValue, Math.Ceiling(left.TotalMilliseconds));

    // On Linux each thread has a niceness, which a process inherits from the thread that starts it.
    private static void SetNice(int nice)
    {
        if (nice == t_nice) return;
        int own = getpriority(PriorityOfProcess, 0) - t_nice;
        if (setpriority(PriorityOfProcess, 0, Math.Clamp(own + nice, -20, 19)) != 0)
            throw new CommandStartException($"its niceness cannot be changed by {nice}: {LinuxMemory.Failure("setpriority").Message}", cannotRun: true);
        t_nice = nice;
    }

    private static void Close(int descriptor)
    {
        if (descriptor >= 0) _ = close(descriptor);
    }
}
