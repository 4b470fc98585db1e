using Samovar.Ipc.Platform;
using Samovar.Ipc.Waiting;
using Samovar.Primitives;

namespace Samovar.Tests.Ipc.Waiting;

/// <summary>A signal over a counter of items in plain memory.</summary>
internal sealed unsafe class SignalUnderTest : IDisposable
{
    private readonly LocalSegment _memory = new(4096);

    public SignalUnderTest(ChannelKind kind, SpinPolicy? spin = null) =>
        Signal = new SharedSignal((uint*)_memory.At(0, sizeof(uint)), WaitPlatform.Of(kind), spin: spin);

    public SharedSignal Signal { get; }

    public int Items => Volatile.Read(ref Counter);

    private ref int Counter => ref *(int*)_memory.At(128, sizeof(int));

    /// <summary>One signal to each of many words.</summary>
    public static SharedSignal[] Many(LocalSegment memory, int count, WaitPlatform? platform = null) =>
        [.. Enumerable.Range(0, count).Select(i => new SharedSignal((uint*)memory.At(64 * i, sizeof(uint)), platform ?? WaitPlatform.Of(ChannelKind.Linux)))];

    public void Put()
    {
        Interlocked.Increment(ref Counter);
        Signal.WakeOne();
    }

    public bool TryTake()
    {
        int items = Items;
        while (items > 0)
        {
            int found = Interlocked.CompareExchange(ref Counter, items - 1, items);
            if (found == items) return true;
            items = found;
        }

        return false;
    }

    public bool Wait(TimeSpan? timeout = null, CancellationToken token = default) =>
        Signal.Wait(this, static s => s.TryTake(), timeout ?? Timeout.InfiniteTimeSpan, token);

    public Task<bool> WaitAsync(TimeSpan? timeout = null, TimeProvider? time = null, CancellationToken token = default) =>
        Signal.WaitAsync(this, static s => s.TryTake(), timeout ?? Timeout.InfiniteTimeSpan, time ?? TimeProvider.System, token).AsTask();

    public void Dispose()
    {
        Signal.Close();
        _memory.Dispose();
    }
}
