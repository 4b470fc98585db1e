using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Serialization;
using Samovar.Tests.Processes;
using Samovar.Tests.Processes.Faults;

namespace Samovar.Tests.Ipc.Shared;

/// <summary>Shared objects on their way between processes: captured, passed, returned, inherited, named; and processes that die meanwhile.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class SharedAcrossTests : IAsyncLifetime
{
    private readonly int _regions = SharedRegion.Count;
    private Leftovers _before = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds => [nameof(ChannelKind.Linux), nameof(ChannelKind.Portable)];

    public async ValueTask InitializeAsync()
    {
        await ChildProcess.Start(static () => { }).JoinAsync(Token); // the first child has the library open what it keeps
        _before = await Leftovers.BeforeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _before.ShouldBeNoneAsync();
        (await GcAssert.CollectUntilAsync(() => SharedRegion.Count <= _regions)).ShouldBeTrue();
        OwnNames.ShouldHaveGone();
    }

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_child_that_captures_them_sees_and_changes_the_same_bytes(string platform)
    {
        var kind = Enum.Parse<ChannelKind>(platform);
        var store = SharedStore.Of(kind);
        using var array = new SharedArray<int>(1_000_000, null, store);
        using var value = new SharedValue<long>(1, null, store);
        using var memory = new SharedMemory(8, null, store);
        array[999_999] = 5;
        (await ChildProcess.Start(() =>
        {
            array[0] = array[999_999] + 1;
            value.Add(41);
            memory.Span[7] = 9;
            return array.Length;
        }).JoinAsync(Token)).ShouldBe(1_000_000);
        array[0].ShouldBe(6);
        value.Value.ShouldBe(42);
        memory.Span[7].ShouldBe((byte)9);
    }

    [ProcessFact]
    public async Task Tasks_of_a_pool_share_what_they_capture_and_what_the_initializer_does()
    {
        using var sum = new SharedValue<long>();
        using var started = new SharedValue<int>();
        await using (var pool = new ProcessExecutor(PoolUnderTest.Options() with { Initializer = () => started.Add(1) }))
        {
            await pool.ForEachAsync(Enumerable.Range(1, 1000), n => sum.Add(n)).WaitAsync(TestTimeout.Wait, Token);
        }

        sum.Value.ShouldBe(500_500);
        started.Value.ShouldBeInRange(1, 2);
    }

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_task_returns_what_it_made(string platform)
    {
        var kind = Enum.Parse<ChannelKind>(platform);
        await using var pool = new ProcessExecutor(PoolUnderTest.Options() with { Channel = kind });
        using SharedArray<int> made = await pool.Submit(static () =>
        {
            var array = new SharedArray<int>(3);
            array[2] = 7;
            return array;
        });
        made.ToArray().ShouldBe([0, 0, 7]);
        int[] answers = await pool.Map(Enumerable.Range(0, 20), static n => new SharedValue<int>(n)).Select(static v =>
        {
            using (v) return v.Value;
        }).ToArrayAsync(Token);
        answers.ShouldBe(Enumerable.Range(0, 20));
    }

    [ProcessFact]
    public async Task A_child_returns_what_it_created_and_has_exited_when_it_is_read()
    {
        var child = ChildProcess.Start(static () => new SharedValue<int>(5));
        await child.Exited.WaitAsync(TestTimeout.Wait, Token);
        using SharedValue<int> made = await child.JoinAsync(Token);
        made.Value.ShouldBe(5);
    }

    [ProcessFact]
    public async Task A_grandchild_continues_with_it_when_the_processes_it_came_through_have_exited()
    {
        using var value = new SharedValue<int>(1);
        int seen = await ChildProcess.Start(() =>
        {
            // The child releases its own handle before the grandchild has started: the message holds it.
            var grandchild = ChildProcess.Start(() => value.Add(10));
            value.Dispose();
            return grandchild.JoinAsync().GetAwaiter().GetResult();
        }).JoinAsync(Token);
        seen.ShouldBe(11);
        value.Value.ShouldBe(11);
    }

    [ProcessFact]
    public async Task An_object_may_be_disposed_as_soon_as_work_with_it_was_submitted()
    {
        await using var pool = PoolUnderTest.Build(1);
        using var result = new SharedValue<int>();
        using var gate = new ProcessGate();
        var blocker = pool.Submit(() => gate.Pass());
        var array = new SharedArray<int>(10);
        array[9] = 3;
        var work = pool.Submit(() => result.Value = array[9]);
        array.Dispose();
        gate.Open();
        await blocker;
        await work;
        result.Value.ShouldBe(3);
    }

    [ProcessFact]
    public async Task What_arrives_twice_is_mapped_once()
    {
        using var array = new SharedArray<int>(10);
        (await ChildProcess.Start(() => SharedRegion.Count).JoinAsync(Token)).ShouldBe(0);
        var same = array;
        (await ChildProcess.Start(() => (array.Length + same.Length, SharedRegion.Count, ReferenceEquals(array, same))).JoinAsync(Token))
            .ShouldBe((20, 1, true));
    }

    [ProcessFact]
    public async Task A_workers_tasks_leave_nothing_mapped_there()
    {
        await using var pool = PoolUnderTest.Build(1);
        for (int i = 0; i < 50; i++)
        {
            using var array = new SharedArray<int>(10_000);
            await pool.Submit(() => array.Span[1] = 1);
        }

        (await pool.Submit(static async () => await GcAssert.CollectUntilAsync(static () => SharedRegion.Count == 0))).ShouldBeTrue();
    }

    [ProcessTheory]
    [InlineData(nameof(ChannelKind.Linux))]
    [InlineData(nameof(ChannelKind.Portable))]
    public async Task A_process_that_is_no_relative_opens_it_by_name_and_may_outlive_its_maker(string platform)
    {
        var kind = Enum.Parse<ChannelKind>(platform);
        string name = OwnNames.Own("across");
        using var opened = new ProcessGate();
        using var goOn = new ProcessGate();
        var output = new ChildOutput();
        var maker = ChildProcess.Start(() =>
        {
            using var array = new SharedArray<int>(5, name, SharedStore.Of(kind));
            array[4] = 8;
            Console.WriteLine("made");
            goOn.Pass();
        }, output.Options);
        (await output.LineAsync()).ShouldBe("made");
        var other = ChildProcess.Start(() =>
        {
            using var array = SharedArray<int>.Open(name, SharedStore.Of(kind));
            array[3] = array[4] + 1;
            opened.Open();
            goOn.Pass();
        });
        opened.Pass(Token);
        maker.Kill();
        await maker.Exited.WaitAsync(TestTimeout.Wait, Token);
        using (var here = SharedArray<int>.Open(name, SharedStore.Of(kind))) here.ToArray().ShouldBe([0, 0, 0, 9, 8]);
        goOn.Open();
        await other.JoinAsync(Token);
        Should.Throw<SharedObjectException>(() => SharedArray<int>.Open(name, SharedStore.Of(kind))).Fault.ShouldBe(SharedObjectFault.NotFound);
        new SharedMemory(1, OwnNames.Own("another"), SharedStore.Of(kind)).Dispose(); // creating one removes what dead processes left
    }

    [ProcessTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Entries_of_a_killed_process_go_with_the_next_name_that_is_made_or_opened(bool isMade)
    {
        string[] names = [OwnNames.Own("killed"), OwnNames.Own("killed-too")];
        using var made = new ProcessGate();
        using var never = new ProcessGate();
        var holder = ChildProcess.Start(() =>
        {
            using var first = new SharedMemory(1, names[0], SharedStore.Of(ChannelKind.Linux));
            using var second = new SharedMemory(1, names[1], SharedStore.Of(ChannelKind.Linux));
            made.Open();
            never.Pass();
        });
        made.Pass(Token);
        holder.Kill();
        await holder.Exited.WaitAsync(TestTimeout.Wait, Token);
        foreach (string name in names) OwnNames.Entries(name).ShouldNotBeEmpty();

        string another = OwnNames.Own("another");
        if (isMade) new SharedMemory(1, another, SharedStore.Of(ChannelKind.Linux)).Dispose();
        else Should.Throw<SharedObjectException>(() => SharedMemory.Open(another, SharedStore.Of(ChannelKind.Linux))).Fault.ShouldBe(SharedObjectFault.NotFound);
        OwnNames.ShouldHaveGone();
    }

    [ProcessFact]
    public async Task A_name_whose_entries_a_cleaner_has_removed_is_taken_still_and_is_found()
    {
        string name = OwnNames.Own("cleared");
        using var held = new ProcessLock(name);
        using var lease = held.Enter(Token);
        foreach (string entry in OwnNames.Entries(name)) File.Delete(entry);

        (await ChildProcess.Start(() => Fault(name)).JoinAsync(Token)).ShouldBe(SharedObjectFault.NameTaken);
        Fault(name).ShouldBe(SharedObjectFault.NameTaken);
        (await ChildProcess.Start(() =>
        {
            using var same = ProcessLock.Open(name);
            return same.IsHeld;
        }).JoinAsync(Token)).ShouldBeTrue();
        lease.Dispose();
        held.Dispose();
        Fault(name).ShouldBeNull();
        OwnNames.ShouldHaveGone();

        static SharedObjectFault? Fault(string name)
        {
            try
            {
                new ProcessLock(name).Dispose();
                return null;
            }
            catch (SharedObjectException error)
            {
                return error.Fault;
            }
        }
    }

    [ProcessFact]
    public void A_handle_whose_sender_has_released_it_reports_so()
    {
        SharedHandle handle;
        using (var reference = SharedReference.Create(new SharedFormat { Kind = SharedKind.Memory, Capacity = 1, DataLength = 1 }))
            handle = reference.Region.Handle;
        Should.Throw<SharedObjectException>(() => SharedReference.Open(handle)).Fault.ShouldBe(SharedObjectFault.NotFound);

        // The descriptor means another object by now.
        using var other = SharedReference.Create(new SharedFormat { Kind = SharedKind.Memory, Capacity = 1, DataLength = 1 });
        SharedHandle stale = other.Region.Handle with { Cookie = handle.Cookie };
        Should.Throw<SharedObjectException>(() => SharedReference.Open(stale)).Fault.ShouldBe(SharedObjectFault.NotFound);
    }

    [ProcessFact]
    public void Without_a_connection_it_is_refused()
    {
        using var value = new SharedValue<int>();
        Should.Throw<UnshippableException>(() => Shipping.Pack(value)).Message.ShouldContain("connect");
    }
}
