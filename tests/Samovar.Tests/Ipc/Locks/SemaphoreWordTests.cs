using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Samovar.Ipc.Locks;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Waiting;

namespace Samovar.Tests.Ipc.Locks;

/// <summary>The word of permits by itself, between threads.</summary>
[SupportedOSPlatform("linux")]
public sealed class SemaphoreWordTests : IDisposable
{
    private const int Rounds = 1_000_000;
    private const int AccountsOffset = 64;

    private readonly unsafe byte* _memory = (byte*)NativeMemory.AlignedAlloc(4096, 64);
    private readonly SemaphoreWord _word;
    private readonly int _slot;

    public unsafe SemaphoreWordTests()
    {
        NativeMemory.Clear(_memory, 4096);
        var table = new ProcessTable(_memory + AccountsOffset, 1, (uint*)(_memory + 8));
        _slot = table.Join(ProcessIdentity.Own);
        *(ulong*)_memory = 1;
        _word = new SemaphoreWord((ulong*)_memory, table, 1, new SlotOwnership());
    }

    public unsafe void Dispose() => NativeMemory.AlignedFree(_memory);

    [ThreadFact]
    public async Task A_line_that_comes_and_goes_takes_no_move_from_the_accounts()
    {
        bool isOver = false;
        var others = TestSupport.OnOwnThread(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                _word.MarkWaiters();
                _word.ClearWaiters();
            }
        });
        int round = 0;
        while (round < Rounds && _word.TryTake(_slot, all: false, isFirst: true, out _) && _word.TryGive(_slot, all: false)) round++;
        Volatile.Write(ref isOver, true);
        await others.WaitAsync(TestTimeout.Wait);
        round.ShouldBe(Rounds);
    }
}
