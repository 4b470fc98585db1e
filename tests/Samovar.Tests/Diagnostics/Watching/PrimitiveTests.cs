using System.Runtime.CompilerServices;
using System.Text.Json;
using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Watching;
using Samovar.Ipc;

namespace Samovar.Tests.Diagnostics.Watching;

/// <summary>What a watcher sees of the queues and locks of a process.</summary>
[Collection(nameof(Watcher))]
public sealed class PrimitiveTests
{
    [ProcessFact]
    public async Task A_lock_between_processes_has_its_holder_its_waiters_and_for_how_long_it_is_held()
    {
        using var till = new ProcessLock($"till-{Guid.NewGuid():N}");
        await using var watcher = await Watcher.StartAsync();
        (await OneAsync(watcher, till.Name!)).GetProperty("state").GetString().ShouldBe("free");

        var lease = till.Enter();
        var second = till.EnterAsync();
        var third = till.EnterAsync();
        var held = await UntilAsync(watcher, till.Name!, static one => one.TryGetProperty("heldFor", out _));

        held.GetProperty("kind").GetString().ShouldBe("lock");
        held.GetProperty("state").GetString().ShouldBe("held");
        held.GetProperty("holders").EnumerateArray().Select(static holder => holder.GetString()).ShouldBe([$"process {Environment.ProcessId}"]);
        held.GetProperty("waiting").GetInt32().ShouldBe(2);
        held.GetProperty("waits").GetInt32().ShouldBe(2);
        held.GetProperty("shared").GetBoolean().ShouldBeTrue();
        lease.Dispose();
        (await second).Dispose();
        (await third).Dispose();
        var free = await OneAsync(watcher, till.Name!);
        (free.GetProperty("state").GetString(), free.GetProperty("waiting").GetInt32(), free.TryGetProperty("heldFor", out _)).ShouldBe(("free", 0, false));
    }

    [ProcessFact]
    public async Task A_queue_between_processes_has_its_items_its_capacity_and_its_counts()
    {
        using var orders = new ProcessQueue<int>(10, $"orders-{Guid.NewGuid():N}");
        for (int i = 0; i < 4; i++) orders.Put(i);
        orders.Take().ShouldBe(0);
        await using var watcher = await Watcher.StartAsync();

        var shown = await OneAsync(watcher, orders.Name!);

        shown.GetProperty("kind").GetString().ShouldBe("queue");
        (shown.GetProperty("count").GetInt32(), shown.GetProperty("capacity").GetInt32()).ShouldBe((3, 10));
        (shown.GetProperty("put").GetInt32(), shown.GetProperty("taken").GetInt32()).ShouldBe((4, 1));
        (shown.GetProperty("putting").GetInt32(), shown.GetProperty("waiting").GetInt32()).ShouldBe((0, 0));
        shown.GetProperty("processes").GetInt32().ShouldBe(1);
        orders.GetStatistics().Waiting.ShouldBe(3);
    }

    [ProcessFact]
    public async Task Each_kind_of_shared_object_has_its_state()
    {
        string name = Guid.NewGuid().ToString("N");
        using var rooms = new ProcessSemaphore(2, 3, $"rooms-{name}");
        using var ledger = new ProcessReaderWriterLock($"ledger-{name}");
        using var open = new ProcessEvent(isSet: true, name: $"open-{name}");
        using var bell = new ProcessEvent(mode: EventResetMode.AutoReset, name: $"bell-{name}");
        using var guests = new ProcessCountdown(4, $"guests-{name}");
        using var meal = new ProcessBarrier(2, $"meal-{name}");
        using var first = ledger.EnterRead();
        using var second = ledger.EnterRead();
        using var room = rooms.Enter();
        guests.Signal();
        await using var watcher = await Watcher.StartAsync();

        (await StateAsync("rooms")).ShouldBe("semaphore free");
        (await StateAsync("ledger")).ShouldBe("reader-writer lock held by 2 readers");
        (await StateAsync("open")).ShouldBe("event set");
        (await StateAsync("bell")).ShouldBe("event not set");
        (await StateAsync("guests")).ShouldBe("countdown 3 of 4 left");
        (await StateAsync("meal")).ShouldBe("barrier 0 of 2 arrived");
        var shown = await OneAsync(watcher, rooms.Name!);
        (shown.GetProperty("count").GetInt32(), shown.GetProperty("capacity").GetInt32(), shown.GetProperty("holdersTotal").GetInt32()).ShouldBe((1, 3, 1));

        async Task<string> StateAsync(string of)
        {
            var one = await OneAsync(watcher, $"{of}-{name}");
            return $"{one.GetProperty("kind").GetString()} {one.GetProperty("state").GetString()}";
        }
    }

    [ThreadFact]
    public async Task Asynchronous_ones_with_a_name_have_their_waiters_and_holders()
    {
        string name = Guid.NewGuid().ToString("N");
        var oven = new AsyncLock($"oven-{name}");
        var stove = new AsyncSemaphore(1, 1, $"stove-{name}");
        var table = new CapacityLimiter(2, $"table-{name}");
        var menu = new AsyncQueue<string>(1, name: $"menu-{name}");
        using var baking = await oven.EnterAsync();
        var waiting = oven.EnterAsync();
        using var cooking = await stove.EnterAsync();
        using var guest = await table.EnterAsync("ann");
        await menu.PutAsync("tea");
        var putting = menu.PutAsync("cake");
        await using var watcher = await Watcher.StartAsync();

        var shown = await UntilAsync(watcher, oven.Name!, static one => one.TryGetProperty("heldFor", out _));
        (shown.GetProperty("kind").GetString(), shown.GetProperty("waiting").GetInt32(), shown.GetProperty("holders")[0].GetString()).ShouldBe(("lock", 1, "code outside any group"));
        shown.GetProperty("shared").GetBoolean().ShouldBeFalse();
        (await OneAsync(watcher, stove.Name!)).GetProperty("state").GetString().ShouldBe("empty");
        (await OneAsync(watcher, table.Name!)).GetProperty("holders")[0].GetString().ShouldBe("ann");
        shown = await OneAsync(watcher, menu.Name!);
        (shown.GetProperty("count").GetInt32(), shown.GetProperty("capacity").GetInt32(), shown.GetProperty("putting").GetInt32()).ShouldBe((1, 1, 1));
        baking.Dispose();
        (await waiting).Dispose();
        (await menu.TakeAsync()).ShouldBe("tea");
        await putting;
    }

    [ThreadFact]
    public async Task One_without_a_name_is_not_kept_and_one_that_nothing_refers_to_is_forgotten()
    {
        string name = Guid.NewGuid().ToString("N");
        var (kept, unnamed) = (new AsyncLock(name), new AsyncLock());
        await new[] { Forget($"forgotten-{name}") }.ShouldDieAsync("a lock that nothing refers to");

        var all = PrimitiveRegistry.Capture();

        all.Count(one => one.Name == name).ShouldBe(1);
        all.ShouldNotContain(one => one.Name == $"forgotten-{name}");
        GC.KeepAlive(kept);
        GC.KeepAlive(unnamed);
    }

    [ThreadFact]
    public void The_number_that_is_kept_has_a_limit()
    {
        List<AsyncLock> locks = [];
        for (int i = 0; i < PrimitiveRegistry.Most * 3; i++) locks.Add(new AsyncLock($"many-{i}"));

        var kept = PrimitiveRegistry.Capture().FindAll(static one => one.Name?.StartsWith("many-", StringComparison.Ordinal) == true);

        kept.Count.ShouldBeInRange(PrimitiveRegistry.Most / 2, PrimitiveRegistry.Most);
        kept.ShouldContain(one => one.Name == $"many-{locks.Count - 1}");
        PrimitiveRegistry.Omitted.ShouldBeGreaterThan(0);
    }

    [ThreadFact]
    public void A_lock_is_held_since_it_was_seen_with_the_same_hold_first()
    {
        var watch = new HoldWatch();
        PrimitiveActivity first = new("lock", "till", "held") { Id = 1, Hold = 10ul }, second = first with { Hold = 11ul };

        watch.Note([first], TimeSpan.FromSeconds(1)).ShouldHaveSingleItem().For.ShouldBe(TimeSpan.Zero);
        watch.Note([first], TimeSpan.FromSeconds(4)).ShouldHaveSingleItem().For.ShouldBe(TimeSpan.FromSeconds(3));
        watch.Note([second], TimeSpan.FromSeconds(5)).ShouldHaveSingleItem().For.ShouldBe(TimeSpan.Zero);
        watch.Note([second with { Hold = null }], TimeSpan.FromSeconds(6)).ShouldBeEmpty();
        watch.Note([second], TimeSpan.FromSeconds(7)).ShouldHaveSingleItem().For.ShouldBe(TimeSpan.Zero);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Forget(string name) => new(new AsyncLock(name));

    private static async Task<JsonElement> OneAsync(Watcher watcher, string name) =>
        (await watcher.AskAsync($"\"what\":\"primitives\",\"text\":\"{name}\"")).GetProperty("primitives").EnumerateArray().Single();

    private static async Task<JsonElement> UntilAsync(Watcher watcher, string name, Func<JsonElement, bool> condition)
    {
        while (true)
        {
            var one = await OneAsync(watcher, name);
            if (condition(one)) return one;
            await watcher.PictureAsync(static _ => true); // what is held is seen with the pictures
        }
    }
}
