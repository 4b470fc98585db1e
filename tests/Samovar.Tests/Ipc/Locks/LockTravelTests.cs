using System.Diagnostics;
using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Ipc.Shared;
using Samovar.Tests.Ipc.Shared;
using Samovar.Tests.Processes;
using Samovar.Tests.Processes.Faults;

namespace Samovar.Tests.Ipc.Locks;

/// <summary>Each kind on its way: captured, passed, returned, sent through a queue, inherited by a grandchild, opened by name; and the error where that is impossible.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class LockTravelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds => ["lock", "reader-writer lock", "semaphore", "automatic event", "manual event", "condition", "barrier", "countdown"];

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public async Task It_is_the_same_wherever_it_arrives(string kind)
    {
        string name = OwnNames.Own("travels");
        await using var pool = PoolUnderTest.Build(1);
        object made = Make(kind, name);
        using (Engaged(made))
        {
            (await ChildProcess.Start(() => IsEngaged(made)).JoinAsync(Token)).ShouldBeTrue("captured");
            (await pool.Map([made], static o => IsEngaged(o)).ToArrayAsync(Token)).ShouldBe([true], "passed");
            (await ChildProcess.Start(() => ChildProcess.Start(() => IsEngaged(made)).JoinAsync().GetAwaiter().GetResult()).JoinAsync(Token)).ShouldBeTrue("inherited");
            (object back, bool isSame) = await pool.Submit(() => (made, IsEngaged(made)));
            isSame.ShouldBeTrue();
            IsEngaged(back).ShouldBeTrue("sent there and back");
            ((IDisposable)back).Dispose();
            using (var queue = new ProcessQueue<object>(capacity: 2))
            {
                var taker = ChildProcess.Start(() => IsEngaged(queue.Take()));
                queue.Put(made, Token);
                (await taker.JoinAsync(Token)).ShouldBeTrue("sent through a queue");
            }

            if (kind != "condition") // it is opened with its lock, which would have to travel
                (await ChildProcess.Start(() => IsEngaged(Open(kind, name))).JoinAsync(Token)).ShouldBeTrue("named");
        }

        ((IDisposable)made).Dispose();
        await ReturnedAsync(pool, kind);
    }

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public void A_name_is_its_owners_alone_and_says_what_it_names(string kind)
    {
        if (kind == "condition") return; // as the lock it is opened with
        string name = OwnNames.Own("named");
        Fault(() => Open(kind, name)).ShouldBe(SharedObjectFault.NotFound);
        using (var other = new SharedValue<int>(0, name)) Fault(() => Open(kind, name)).ShouldBe(SharedObjectFault.TypeMismatch);
        using (var made = (IDisposable)Make(kind, name))
        {
            Fault(() => Make(kind, name)).ShouldBe(SharedObjectFault.NameTaken);
            string entry = Directory.GetFiles("/dev/shm", $"{name}~*", SearchOption.AllDirectories).ShouldHaveSingleItem();
            (File.GetUnixFileMode(entry) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)).ShouldBe(UnixFileMode.None);
            File.GetUnixFileMode(Path.GetDirectoryName(entry)!).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        OwnNames.ShouldHaveGone();
    }

    [ProcessFact]
    public async Task A_process_that_exits_normally_leaves_no_name_behind()
    {
        using (var made = new ProcessLock(OwnNames.Own("left-behind")))
            (await ChildProcess.Start(() => made.IsHeld).JoinAsync(Token)).ShouldBeFalse(); // it does not dispose it
        OwnNames.ShouldHaveGone();
    }

    [ProcessTheory]
    [InlineData("lock", 32, 5L, "5 permits")]
    [InlineData("reader-writer lock", 32, 1L, "1 permits")]
    [InlineData("semaphore", 32, 1L << 20, "1048576 permits")]
    [InlineData("automatic event", 40, 7L, "Event has setting 7")]
    [InlineData("barrier", 40, 0L, "Barrier has setting 0")]
    [InlineData("barrier", 40, 40_000L, "Barrier has setting 40000")]
    [InlineData("countdown", 40, -1L, "Countdown has setting -1")]
    public async Task A_forged_header_is_refused_by_who_opens_it(string kind, int offset, long value, string message)
    {
        string name = OwnNames.Own("forged");
        using var made = (IDisposable)Make(kind, name);
        Forge();
        (await OpenedElsewhereAsync(kind, name)).ShouldSatisfyAllConditions(a => a.Said.ShouldContain(message), a => a.Regions.ShouldBe(0));

        unsafe void Forge() => *(long*)((byte*)ReferenceOf(made).Region.Header + offset) = value;
    }

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public async Task Creations_leave_nothing(string kind)
    {
        var before = await Leftovers.BeforeAsync();
        int regions = SharedRegion.Count;
        int mappings = Mappings();
        for (int i = 0; i < 250; i++) // the comparison below shows even one that stays
        {
            using var made = (IDisposable)Make(kind, i % 25 == 0 ? OwnNames.Own("created") : null);
            if (i % 50 == 0) Engaged(made).Dispose();
        }

        (await GcAssert.CollectUntilAsync(() => SharedRegion.Count <= regions && Mappings() <= mappings)).ShouldBeTrue($"{Mappings()} mappings, {mappings} before");
        await before.ShouldBeNoneAsync();
        OwnNames.ShouldHaveGone();
    }

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public void A_debugger_shows_what_it_is_also_when_it_is_disposed(string kind)
    {
        object made = Make(kind, null);
        var display = (DebuggerDisplayAttribute)Attribute.GetCustomAttribute(made.GetType(), typeof(DebuggerDisplayAttribute))!;
        display.Value.ShouldContain("Reference.IsDisposed");
        object? view = made switch
        {
            ProcessLock held => new ProcessLockDebugView(held).Statistics,
            ProcessReaderWriterLock both => new ProcessReaderWriterLockDebugView(both).Statistics,
            ProcessSemaphore semaphore => new ProcessSemaphoreDebugView(semaphore).Statistics,
            _ => "",
        };
        view.ShouldNotBeNull();
        ((IDisposable)made).Dispose();
        if (made is ProcessLock gone) new ProcessLockDebugView(gone).Statistics.ShouldBeNull();
        ReferenceOf((IDisposable)made).IsDisposed.ShouldBeTrue();
    }

    private static async Task ReturnedAsync(ProcessExecutor pool, string kind)
    {
        object returned = await pool.Submit(() => Make(kind, null));
        IsEngaged(returned).ShouldBeFalse();
        using (Engaged(returned)) await SeenAsync(pool, returned);
        ((IDisposable)returned).Dispose();
    }

    private static async Task SeenAsync(ProcessExecutor pool, object made) => (await pool.Submit(() => IsEngaged(made))).ShouldBeTrue("returned");

    private static async Task<(string Said, int Regions)> OpenedElsewhereAsync(string kind, string name) => await ChildProcess.Start(() =>
    {
        string said = Record.Exception(() => Open(kind, name)) is ChannelCorruptedException e ? e.Message : "nothing";
        return (said, SharedRegion.Count);
    }).JoinAsync(Token);

    private static int Mappings() => File.ReadLines("/proc/self/maps").Count(static l => l.Contains("memfd:samovar", StringComparison.Ordinal));

    private static object Make(string kind, string? name) => kind switch
    {
        "lock" => new ProcessLock(name),
        "reader-writer lock" => new ProcessReaderWriterLock(name),
        "semaphore" => new ProcessSemaphore(1, null, name),
        "automatic event" => new ProcessEvent(false, EventResetMode.AutoReset, name),
        "manual event" => new ProcessEvent(false, EventResetMode.ManualReset, name),
        "condition" => new ProcessCondition(new ProcessLock(), name),
        "barrier" => new ProcessBarrier(2, name),
        _ => new ProcessCountdown(2, name),
    };

    private static object Open(string kind, string name) => kind switch
    {
        "lock" => ProcessLock.Open(name),
        "reader-writer lock" => ProcessReaderWriterLock.Open(name),
        "semaphore" => ProcessSemaphore.Open(name),
        "automatic event" or "manual event" => ProcessEvent.Open(name),
        "barrier" => ProcessBarrier.Open(name),
        _ => ProcessCountdown.Open(name),
    };

    private static SharedReference ReferenceOf(IDisposable made) => made switch
    {
        ProcessLock held => held.Reference,
        ProcessReaderWriterLock both => both.Reference,
        ProcessSemaphore semaphore => semaphore.Reference,
        ProcessEvent signal => signal.Reference,
        ProcessCondition condition => condition.Reference,
        ProcessBarrier barrier => barrier.Reference,
        _ => ((ProcessCountdown)made).Reference,
    };

    /// <summary>Changes it so that all its holders see the change.</summary>
    private static IDisposable Engaged(object made)
    {
        switch (made)
        {
            case ProcessLock held: return held.Enter();
            case ProcessReaderWriterLock both: return both.EnterWrite();
            case ProcessSemaphore semaphore: return semaphore.Enter();
            case ProcessCondition condition: return condition.Lock.Enter();
            case ProcessEvent signal: signal.Set(); break;
            case ProcessBarrier barrier: barrier.Abort(); break;
            case ProcessCountdown countdown: countdown.Signal(); break;
        }

        return new MemoryStream();
    }

    private static bool IsEngaged(object made) => made switch
    {
        ProcessLock held => held.IsHeld,
        ProcessReaderWriterLock both => both.IsWriteHeld && both.TryEnterRead(TimeSpan.Zero) is null,
        ProcessSemaphore semaphore => semaphore.CurrentCount == 0,
        ProcessCondition condition => condition.Lock.IsHeld,
        ProcessEvent signal => signal.IsSet,
        ProcessBarrier barrier => barrier.IsBroken,
        _ => ((ProcessCountdown)made).CurrentCount == 1,
    };

    private static SharedObjectFault Fault(Func<object> action) => Should.Throw<SharedObjectException>(() =>
    {
        _ = action();
    }).Fault;
}
