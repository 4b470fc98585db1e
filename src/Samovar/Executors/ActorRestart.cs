using Samovar.Primitives;

namespace Samovar;

/// <summary>What happens when an actor is lost: when its process dies, or when a call that ignores its token was abandoned on a thread. Immutable.</summary>
/// <remarks>The call that was running fails in any case, and so does a call of which it is not known how far it came.</remarks>
public sealed record ActorRestart
{
    private ActorRestart()
    {
    }

    /// <summary>Gets the policy without restarts: queued and later calls fail with <see cref="ActorLostException"/>. The default.</summary>
    public static ActorRestart Never { get; } = new();

    /// <summary>Gets how many times the actor may be restarted within <see cref="Window"/>; 0 for <see cref="Never"/>.</summary>
    public int MaxRestarts { get; private init; }

    /// <summary>Gets the sliding period in which restarts are counted.</summary>
    public TimeSpan Window { get; private init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Returns the policy that creates another instance with the factory, for the queued and later calls. The state of the lost instance is
    /// gone. When the limit is exceeded, or the factory throws, the actor is lost for good.</summary>
    /// <param name="maxRestarts">How many times the actor may be restarted within the window; at least 1. The default is 3.</param>
    /// <param name="window">The sliding period in which restarts are counted. More than zero, or null (the default) or
    /// <see cref="Timeout.InfiniteTimeSpan"/> to count all of them.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxRestarts"/> is less than 1, or <paramref name="window"/> is zero, negative or
    /// longer than a timer supports (about 49 days).</exception>
    public static ActorRestart FromFactory(int maxRestarts = 3, TimeSpan? window = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRestarts, 1);
        return new ActorRestart { MaxRestarts = maxRestarts, Window = TimeoutArguments.RequireLimit(window ?? Timeout.InfiniteTimeSpan, nameof(window)) };
    }

    /// <inheritdoc/>
    public override string ToString() => this switch
    {
        { MaxRestarts: 0 } => "Never",
        { Window: var window } when window == Timeout.InfiniteTimeSpan => $"FromFactory({MaxRestarts})",
        _ => $"FromFactory({MaxRestarts}, {TimeoutArguments.Text(Window)})",
    };
}
