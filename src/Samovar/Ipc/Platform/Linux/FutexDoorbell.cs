using System.Runtime.Versioning;
using Samovar.Primitives;

namespace Samovar.Ipc.Platform.Linux;

/// <summary>Sleeps in the kernel on the word itself.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class FutexSleeper(uint* word, SpinPolicy spin) : DoorbellSleeper(word, spin)
{
    protected override void Sleep(TimeSpan timeout)
    {
        // Woken, timed out, a signal, a word that is no longer 1: the caller checks again in each case.
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            LinuxMemory.FutexWait(Word, 1, null);
            return;
        }

        var time = new LinuxMemory.TimeSpec(timeout);
        LinuxMemory.FutexWait(Word, 1, &time);
    }

    protected override void WakeLocally() => LinuxMemory.FutexWake(Word);
}

/// <summary>Wakes the thread that sleeps on the word, in any process.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class FutexRinger(uint* word) : DoorbellRinger(word)
{
    private readonly uint* _word = word;

    protected override void Wake() => LinuxMemory.FutexWake(_word);
}
