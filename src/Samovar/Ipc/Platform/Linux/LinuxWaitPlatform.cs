using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Samovar.Ipc.Platform.Linux;

/// <summary>Futexes; waits at several words with futex_waitv.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe partial class LinuxWaitPlatform : WaitPlatform
{
    private const int MostAtOnce = 128;
    private const long WaitVNumber = 449; // the same on all architectures
    private const int MonotonicClock = 1;
    private const uint Size32 = 2;
    private const int Enosys = 38;
    private const int Eperm = 1; // the answer of older sandboxes to calls that they do not know

    // Without futex_waitv (Linux before 5.16), the other words are checked at this interval.
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromMilliseconds(2);

    private static volatile bool s_isOld;

    public override int MostWords => MostAtOnce;

    public override void WaitAny(ReadOnlySpan<WaitedWord> words, TimeSpan timeout)
    {
        if (words.Length == 1 || s_isOld)
        {
            foreach (WaitedWord other in words[1..])
            {
                if (Volatile.Read(ref *(uint*)other.Address) != other.Expected) return;
            }

            bool isPartial = words.Length > 1 && (timeout == Timeout.InfiniteTimeSpan || timeout > s_lookAgain);
            var time = new LinuxMemory.TimeSpec(isPartial ? s_lookAgain : timeout);
            bool isEndless = !isPartial && timeout == Timeout.InfiniteTimeSpan;
            LinuxMemory.FutexWait((uint*)words[0].Address, words[0].Expected, isEndless ? null : &time);
            return;
        }

        Span<Waiter> waiters = stackalloc Waiter[words.Length];
        for (int i = 0; i < words.Length; i++)
            waiters[i] = new Waiter { Value = words[i].Expected, Address = (ulong)words[i].Address, Flags = Size32 };

        LinuxMemory.TimeSpec until = default;
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            LinuxMemory.TimeSpec now;
            _ = clock_gettime(MonotonicClock, &now);
            until = new LinuxMemory.TimeSpec(now, timeout);
        }

        long error;
        fixed (Waiter* first = waiters)
        {
            error = WaitV(WaitVNumber, first, (uint)words.Length, 0, timeout == Timeout.InfiniteTimeSpan ? null : &until, MonotonicClock) < 0
                ? Marshal.GetLastPInvokeError()
                : 0;
        }

        if (error is Enosys or Eperm) s_isOld = true;
    }

    public override bool WakeOne(uint* word) => LinuxMemory.FutexWake(word, 1) > 0;

    public override void WakeAll(uint* word) => LinuxMemory.FutexWake(word, int.MaxValue);

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, LinuxMemory.TimeSpec* now);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long WaitV(long number, Waiter* waiters, nuint count, nuint flags, LinuxMemory.TimeSpec* until, nint clock);

    [StructLayout(LayoutKind.Sequential)]
    private struct Waiter
    {
        public ulong Value;
        public ulong Address;
        public uint Flags;
        public uint Reserved;
    }
}
