using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Watching.Advising;

/// <summary>What happened to a function between two moments.</summary>
/// <param name="now">What was recorded up to the second moment.</param>
/// <param name="then">What was recorded up to the first moment; null if nothing.</param>
internal sealed class FunctionWindow(FunctionRecord now, FunctionRecord? then)
{
    public string Name => now.Name;

    /// <summary>How long attempts ran. The maximum is that of all attempts.</summary>
    public TimeHistogram Run { get; } = now.Run.Since(then?.Run);

    /// <summary>How long tasks waited.</summary>
    public TimeHistogram Wait { get; } = now.Wait.Since(then?.Wait);

    /// <summary>How long it took to ship tasks and their results.</summary>
    public TimeHistogram Shipping { get; } = now.Shipping.Since(then?.Shipping);

    /// <summary>The size of the serialized work of the tasks in <see cref="Shipping"/> together.</summary>
    public long SentBytes => now.SentBytes - (then?.SentBytes ?? 0);

    /// <summary>The largest captured value of the newest large task; null if it is not known.</summary>
    public string? Largest => now.Largest;

    /// <summary>How many tasks completed.</summary>
    public int Completed => now.Completed - (then?.Completed ?? 0);

    /// <summary>How many tasks failed, including those that timed out or lost their worker.</summary>
    public int Failures => Of(AttemptOutcome.Failed) + Of(AttemptOutcome.TimedOut) + Of(AttemptOutcome.Crashed);

    private int Of(AttemptOutcome outcome) => now.Of(outcome) - (then?.Of(outcome) ?? 0);
}
