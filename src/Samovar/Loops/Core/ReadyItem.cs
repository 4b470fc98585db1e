using System.Runtime.CompilerServices;

namespace Samovar.Loops.Core;

/// <summary>One callback that is ready to run. Of which kind it is, its type says: so nothing is wrapped and nothing allocated.</summary>
internal readonly struct ReadyItem(object callback, object? state)
{
    /// <summary>A <see cref="SendOrPostCallback"/>, an <see cref="Action{T}"/> over an object, an <see cref="Action"/>, a
    /// <see cref="ReadyWork"/>, or a <see cref="Task"/> whose scheduler is the state.</summary>
    public readonly object Callback = callback;

    public readonly object? State = state;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Run()
    {
        if (Callback is SendOrPostCallback posted) posted(State);
        else if (Callback is Action<object?> continuation) continuation(State);
        else if (Callback is Action action) action();
        else if (Callback is ReadyWork work) work.Run();
        else ((LoopTaskScheduler)State!).Execute((Task)Callback);
    }
}
