using Samovar.Loops.Core;
using Samovar.Loops.Inspection;

namespace Samovar.Testing;

/// <summary>Helpers for tests of code on an <see cref="EventLoop"/>.</summary>
public static class LoopTesting
{
    /// <summary>Waits until all other code of the loop is blocked: nothing is ready, and in virtual time nothing of it runs elsewhere either. Virtual time does not jump before.</summary>
    /// <exception cref="InvalidOperationException">This is not code of a loop.</exception>
    public static Task WaitAllBlockedAsync() => Here().WhenQuietAsync();

    /// <summary>Runs <paramref name="work"/> and requires that it lets others run at least once.</summary>
    /// <exception cref="CheckpointException">It went from its start to its end in one piece.</exception>
    public static async Task RequireCheckpointAsync(Func<Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var running = work();
        bool isInOnePiece = running.IsCompleted;
        await running.ConfigureAwait(true);
        if (isInOnePiece) throw new CheckpointException($"{CallbackOrigin.OfDelegate(work)} ran from its start to its end without letting anything else run.");
    }

    /// <summary>Runs <paramref name="work"/> and requires that nothing else runs meanwhile.</summary>
    /// <exception cref="CheckpointException">It let others run.</exception>
    public static async Task RefuseCheckpointAsync(Func<Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var running = work();
        bool isInOnePiece = running.IsCompleted;
        await running.ConfigureAwait(true);
        if (!isInOnePiece) throw new CheckpointException($"{CallbackOrigin.OfDelegate(work)} let others run before its end.");
    }

    private static LoopCore Here() => LoopCore.Current ?? throw new NoEventLoopException(
        "There is no event loop here. Run the test in EventLoop.Run with VirtualTime.");
}
