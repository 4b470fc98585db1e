using Samovar.Tasks.Core;

namespace Samovar.Executors.Actors.Captured;

/// <summary>The executor of the calls that a proxy makes: each begins on the thread that makes it, and completes with its answer.</summary>
internal sealed class ProxyCore(string name) : ExecutorCore(name, TimeProvider.System, TimeSpan.Zero, loggers: null)
{
    private readonly WorkerIdentity _actor = new(1, name);

    public override int Parallelism => 1;

    public override void Enqueue(Future future)
    {
        if (!future.TryStart(_actor, now: 0, out int attempt) || future.Begin(attempt) is not { } call) return;
        if (call.IsCompleted) future.End(attempt, call);
        else call.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => future.End(attempt, call));
    }

    public override void Revoked(Future future)
    {
        // A call that was cancelled before it began was not sent.
    }

    /// <summary>Does nothing: the token has sent the cancellation, and the actor decides.</summary>
    public override void StopRequested(Future future, int attempt, StopReason reason)
    {
        // A proxy cannot stop the actor.
    }

    public override ExecutorStatistics GetStatistics() => CreateStatistics(Parallelism, live: 1, idle: 0, running: 1);
}
