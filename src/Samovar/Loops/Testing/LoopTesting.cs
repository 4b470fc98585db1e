using Samovar.Loops.Core;
using Samovar.Loops.Inspection;

namespace Samovar.Testing;

/// <summary>Helpers for tests of code on an <see cref="EventLoop"/>.</summary>
public static class LoopTesting
{
    /// <summary>Waits until all other code of the loop is blocked: no callback is ready and, in virtual time, no code of the loop runs elsewhere
    /// either. Completes before virtual time jumps.</summary>
    /// <returns>A task that completes when all other code is blocked.</returns>
    /// <exception cref="NoEventLoopException">The caller does not run on an event loop.</exception>
    public static Task WaitAllBlockedAsync() => Here().WhenQuietAsync();

    /// <summary>Runs <paramref name="work"/> and requires that it lets other code of the loop run at least once.</summary>
    /// <param name="work">The work to run.</param>
    /// <returns>A task that completes with the work.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="CheckpointException">The work completed without yielding.</exception>
    public static async Task RequireCheckpointAsync(Func<Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var running = work();
        bool isInOnePiece = running.IsCompleted;
        await running.ConfigureAwait(true);
        if (isInOnePiece)
            throw new CheckpointException($"{CallbackOrigin.OfDelegate(work)} completed without a checkpoint: no other code could run meanwhile.");
    }

    /// <summary>Runs <paramref name="work"/> and requires that no other code of the loop runs before it completes.</summary>
    /// <param name="work">The work to run.</param>
    /// <returns>A task that completes with the work.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="CheckpointException">The work yielded, so other code could run.</exception>
    public static async Task RefuseCheckpointAsync(Func<Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var running = work();
        bool isInOnePiece = running.IsCompleted;
        await running.ConfigureAwait(true);
        if (!isInOnePiece)
            throw new CheckpointException($"{CallbackOrigin.OfDelegate(work)} reached a checkpoint: other code could run before it completed.");
    }

    private static LoopCore Here() => LoopCore.Current ?? throw new NoEventLoopException(
        "The operation needs an event loop, and this code does not run on one. Run the test in EventLoop.Run with VirtualTime.");
}
