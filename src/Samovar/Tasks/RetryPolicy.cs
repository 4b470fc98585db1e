using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Specifies whether and when a failed attempt is retried. Immutable and thread-safe.</summary>
/// <remarks>The delays and their jitter are computed as in Polly's retry strategy (App-vNext/Polly v8, <c>RetryHelper</c>), so experience
/// with that applies here.</remarks>
/// <example>
/// <code>
/// int attempts = 0;
/// Future&lt;string> page = executor.Submit(
///     () => ++attempts &lt; 3 ? throw new IOException("connection reset") : "page",
///     new() { Retry = new() { MaxAttempts = 5, Delay = TimeSpan.FromMilliseconds(10), RetryOn = error => error is IOException } });
/// Console.WriteLine($"{await page} at attempt {page.Attempt}"); // page at attempt 3
/// </code>
/// </example>
public sealed record RetryPolicy
{
    /// <summary>Gets the total number of attempts, including the first. From 1 to 1,000,000; the default is 3.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxAttempts
    {
        get;
        init => field = value is >= 1 and <= 1_000_000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxAttempts), value, "MaxAttempts must be from 1 to 1,000,000.");
    } = 3;

    /// <summary>Gets the delay before the second attempt, on which the later delays are based. Zero or more; the default is 200
    /// ms.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, or exceeds the range of a timer (about 49 days).</exception>
    public TimeSpan Delay
    {
        get;
        init => field = TimeoutArguments.RequireNotNegative(value, nameof(Delay));
    } = TimeSpan.FromMilliseconds(200);

    /// <summary>Gets the maximum delay, jitter included. Zero or more, or <see cref="Timeout.InfiniteTimeSpan"/> for the range of a timer
    /// (about 49 days); the default is 30 seconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative and not infinite, or exceeds the range of a timer (about 49
    /// days).</exception>
    public TimeSpan MaxDelay
    {
        get;
        init => field = TimeoutArguments.RequireTimeout(value, nameof(MaxDelay));
    } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how the delay grows. The default is <see cref="RetryBackoff.Exponential"/>.</summary>
    public RetryBackoff Backoff { get; init; } = RetryBackoff.Exponential;

    /// <summary>Gets whether delays are randomized, so that tasks that failed together are not all retried at the same moment. The default
    /// is true.</summary>
    public bool UseJitter { get; init; } = true;

    /// <summary>Gets the predicate that selects the errors to retry. It runs in the submitting process, on an arbitrary thread. A timeout
    /// is passed as a <see cref="TaskTimeoutException"/>; cancellation is never retried. The default, null, retries every error except
    /// those that recur because they are programming errors: a value that cannot be serialized (<c>UnshippableException</c>), work that has
    /// left its event loop (<c>NoEventLoopException</c>), and a lock that was entered twice
    /// (<see cref="LockRecursionException"/>).</summary>
    public Func<Exception, bool>? RetryOn { get; init; }

    /// <summary>Returns a random number in [0, 1). Tests replace it with a fixed sequence.</summary>
    internal Func<double> Random { get; init; } = static () => System.Random.Shared.NextDouble();

    internal bool Allows(int attempt, Exception error) =>
        attempt < MaxAttempts && (RetryOn is null ? error is not (IUnrepeatable or LockRecursionException) : RetryOn(error));

    /// <summary>Returns whether an error is retried. If the policy itself throws, it is not, and <paramref name="error"/> is replaced by an
    /// error that contains both.</summary>
    internal bool Allows(int attempt, ref Exception error)
    {
        try
        {
            return Allows(attempt, error);
        }
        catch (Exception fromPolicy)
        {
            error = new AggregateException("The task failed, and its RetryOn predicate threw when called with the error.", error, fromPolicy);
            return false;
        }
    }

    /// <summary>Returns the delay before the attempt that follows <paramref name="attempt"/>.</summary>
    /// <param name="attempt">The attempt that failed, from 1.</param>
    /// <param name="jitterState">The state of this task's exponential jitter; 0 initially.</param>
    internal TimeSpan DelayAfter(int attempt, ref double jitterState)
    {
        if (Delay == TimeSpan.Zero || MaxDelay == TimeSpan.Zero) return TimeSpan.Zero;

        double ticks = Backoff switch
        {
            RetryBackoff.Constant => Spread(Delay.Ticks),
            RetryBackoff.Linear => Spread((double)Delay.Ticks * attempt),
            _ => UseJitter ? Decorrelated(attempt, ref jitterState) : Delay.Ticks * Math.Pow(2, attempt - 1),
        };

        // Not "if (ticks > most)": after a thousand attempts the exponents overflow, and a NaN is not less than the limit.
        var most = MaxDelay == Timeout.InfiniteTimeSpan ? TimeoutArguments.Longest : MaxDelay;
        return ticks < most.Ticks ? TimeSpan.FromTicks((long)ticks) : most;
    }

    /// <summary>Varies a delay by up to 25 % in either direction.</summary>
    private double Spread(double ticks) => UseJitter ? ticks * (0.75 + (0.5 * Random())) : ticks;

    /// <summary>Polly's <c>DecorrelatedJitterBackoffV2</c>: a smooth distribution whose median doubles with each attempt. The two constants
    /// are Polly's: 4 shapes the curve, 1/1.4 sets the median of the first delay to <see cref="Delay"/>.</summary>
    private double Decorrelated(int attempt, ref double state)
    {
        double t = attempt - 1 + Random();
        double next = Math.Pow(2, t) * Math.Tanh(Math.Sqrt(4 * t));
        double ticks = (next - state) * (1 / 1.4) * Delay.Ticks;
        state = next;
        return ticks;
    }
}
