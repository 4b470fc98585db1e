using System.Runtime.CompilerServices;

namespace Samovar.Loops.Core;

/// <summary>One callback that is ready to run. The callback's type determines its kind, so no wrapper is allocated.</summary>
internal readonly struct ReadyItem(object callback, object? state)
{
    /// <summary>A <see cref="SendOrPostCallback"/>, an <see cref="Action{T}"/> of object, an <see cref="Action"/>, a
    /// <see cref="ReadyWork"/>, or a <see cref="Task"/> whose scheduler is the <see cref="State"/>.</summary>
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
