using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Whether and when a failed attempt is repeated. Immutable; thread-safe.</summary>
/// <remarks>The delays and their jitter follow Polly's retry strategy (App-vNext/Polly v8, <c>RetryHelper</c>), so that what is
/// known about one holds for the other.</remarks>
public sealed record RetryPolicy
{
    /// <summary>How often the work is tried in all, the first attempt included. From 1 to 1,000,000; default 3.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxAttempts
    {
        get;
        init => field = value is >= 1 and <= 1_000_000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxAttempts), value, "MaxAttempts must be from 1 to 1,000,000.");
    } = 3;

    /// <summary>The delay before the second attempt, and the base of the later ones. Zero or more; default 200 ms.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or beyond what a timer can hold (about 49 days).</exception>
    public TimeSpan Delay
    {
        get;
        init => field = TimeoutArguments.RequireNotNegative(value, nameof(Delay));
    } = TimeSpan.FromMilliseconds(200);

    /// <summary>No delay grows beyond this, jitter included. Zero or more, or <see cref="Timeout.InfiniteTimeSpan"/> for what a timer can hold (about 49 days); default 30 s.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or beyond what a timer can hold (about 49 days).</exception>
    public TimeSpan MaxDelay
    {
        get;
        init => field = TimeoutArguments.RequireTimeout(value, nameof(MaxDelay));
    } = TimeSpan.FromSeconds(30);

    /// <summary>How the delay grows. Default: <see cref="RetryBackoff.Exponential"/>.</summary>
    public RetryBackoff Backoff { get; init; } = RetryBackoff.Exponential;

    /// <summary>Spreads the delays at random, so that tasks that failed together do not all come back together. Default: true.</summary>
    public bool UseJitter { get; init; } = true;

    /// <summary>Which errors are worth another attempt; it runs in the process that submitted, on no thread in particular. Timeouts
    /// arrive as <see cref="TaskTimeoutException"/>; cancellation is never repeated. Default: null, every error but those of a program that is
    /// written wrong, which come again each time: a value that cannot travel (<c>UnshippableException</c>), work that has left its event loop
    /// (<c>NoEventLoopException</c>), a lock entered twice (<see cref="LockRecursionException"/>).</summary>
    public Func<Exception, bool>? RetryOn { get; init; }

    /// <summary>Draws from [0, 1); tests put a sequence of their own here.</summary>
    internal Func<double> Random { get; init; } = static () => System.Random.Shared.NextDouble();

    internal bool Allows(int attempt, Exception error) =>
        attempt < MaxAttempts && (RetryOn is null ? error is not (IUnrepeatable or LockRecursionException) : RetryOn(error));

    /// <summary>Whether another attempt follows an error. Where the policy itself throws, none does, and the error holds both.</summary>
    internal bool Allows(int attempt, ref Exception error)
    {
        try
        {
            return Allows(attempt, error);
        }
        catch (Exception fromPolicy)
        {
            error = new AggregateException("The task failed, and its retry policy threw when asked about the error.", error, fromPolicy);
            return false;
        }
    }

    /// <summary>The delay before the attempt that follows <paramref name="attempt"/>.</summary>
    /// <param name="attempt">The attempt that failed, from 1.</param>
    /// <param name="jitterState">Where the exponential jitter of this task stands; 0 at first.</param>
    internal TimeSpan DelayAfter(int attempt, ref double jitterState)
    {
        if (Delay == TimeSpan.Zero || MaxDelay == TimeSpan.Zero) return TimeSpan.Zero;

        double ticks = Backoff switch
        {
            RetryBackoff.Constant => Spread(Delay.Ticks),
            RetryBackoff.Linear => Spread((double)Delay.Ticks * attempt),
            _ => UseJitter ? Decorrelated(attempt, ref jitterState) : Delay.Ticks * Math.Pow(2, attempt - 1),
        };

        // Not "beyond the limit?": after a thousand attempts the exponents run out, and what is not a number is not less.
        var most = MaxDelay == Timeout.InfiniteTimeSpan ? TimeoutArguments.Longest : MaxDelay;
        return ticks < most.Ticks ? TimeSpan.FromTicks((long)ticks) : most;
    }

    /// <summary>Within a quarter to either side.</summary>
    private double Spread(double ticks) => UseJitter ? ticks * (0.75 + (0.5 * Random())) : ticks;

    /// <summary>Polly's <c>DecorrelatedJitterBackoffV2</c>: a smooth spread whose median doubles with each attempt. The two
    /// constants are its: 4 shapes the curve, 1/1.4 brings the median of the first delay to <see cref="Delay"/>.</summary>
    private double Decorrelated(int attempt, ref double state)
    {
        double t = attempt - 1 + Random();
        double next = Math.Pow(2, t) * Math.Tanh(Math.Sqrt(4 * t));
        double ticks = (next - state) * (1 / 1.4) * Delay.Ticks;
        state = next;
        return ticks;
    }
}
