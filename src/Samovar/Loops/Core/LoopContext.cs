using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Tasks.Running;

namespace Samovar.Loops.Core;

/// <summary>Posts continuations to their loop, and is notified when code on the loop's thread blocks.</summary>
internal sealed class LoopContext : SynchronizationContext, ISpinContext
{
    private readonly LoopCore _loop;

    public LoopContext(LoopCore loop)
    {
        _loop = loop;
        SetWaitNotificationRequired();
    }

    public LoopCore Loop => _loop;

    public bool MaySpin => ReferenceEquals(LoopCore.Current, _loop) && _loop.MaySpin;

    public override void Post(SendOrPostCallback d, object? state) => _loop.PostOrForward(d, state);

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (ReferenceEquals(LoopCore.Current, _loop))
        {
            d(state);
            return;
        }

        var call = new SentCall(d, state);
        _loop.PostOrForward(SentCall.Callback, call);
        call.Join();
    }

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Called by the runtime in place of a blocking wait on a lock, an event, a task or any other wait handle.</summary>
    /// <remarks>Never inlined and never left by a tail call: the task tree looks for this frame in the stack of a blocked loop and shows its
    /// caller.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.NoOptimization)]
    public override int Wait(IntPtr[] waitHandles, bool waitAll, int millisecondsTimeout) =>
        ReferenceEquals(LoopCore.Current, _loop)
            ? _loop.Blocking.Wait(waitHandles, waitAll, millisecondsTimeout)
            : WaitHelper(waitHandles, waitAll, millisecondsTimeout);

    /// <summary>Blocks as the runtime would have without this context.</summary>
    public static int BlockFor(IntPtr[] waitHandles, bool waitAll, int millisecondsTimeout) =>
        WaitHelper(waitHandles, waitAll, millisecondsTimeout);
}
