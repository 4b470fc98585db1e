using System.Diagnostics.CodeAnalysis;

namespace Samovar.Tests.Testing;

/// <summary>Work that computes, for the few tests in which a thread must be busy and not blocked. Each use takes a core from the tests
/// that run concurrently, so most tests of work that does not end use <see cref="NeverEnds"/>, which blocks.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The one place that keeps a processor busy.")]
internal static class BusyWork
{
    /// <summary>Computes for a time that grows with <paramref name="amount"/>: some nanoseconds each.</summary>
    public static void Compute(int amount) => Thread.SpinWait(amount);

    /// <summary>Computes until the condition holds.</summary>
    public static void ComputeUntil(Func<bool> condition)
    {
        while (!condition()) Thread.SpinWait(100);
    }

    /// <summary>Offers the processor to another thread, so that two threads meet in ever different steps.</summary>
    public static void Yield() => Thread.Yield();

    /// <summary>Blocks this thread for good: work that looks at no token and that stops only with its process.</summary>
    [DoesNotReturn]
    public static void NeverEnds()
    {
        while (true)
        {
            using var never = new ManualResetEventSlim();
            never.Wait();
        }
    }
}
