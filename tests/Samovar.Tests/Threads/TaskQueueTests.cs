using Samovar.Tasks.Core;
using Samovar.Tasks.Running;
using Samovar.Threads.Scheduling;

namespace Samovar.Tests.Threads;

/// <summary>Where tasks wait: inbox, lanes, and the places of a bounded queue.</summary>
public sealed class TaskQueueTests : IAsyncDisposable
{
    private readonly InlineExecutor _executor = new();
    private readonly TaskInbox _inbox = new();

    public ValueTask DisposeAsync() => _executor.DisposeAsync();

    [ThreadTheory]
    [InlineData(5)]
    [InlineData(3000)] // several arrays
    public void The_inbox_returns_pushed_tasks_oldest_first(int count)
    {
        _inbox.IsEmpty.ShouldBeTrue();
        _inbox.TakeLocked().ShouldBeNull();
        var tasks = Enumerable.Range(0, count).Select(_ => NewTask()).ToList();
        foreach (var task in tasks) _inbox.Push(task);
        _inbox.IsEmpty.ShouldBeFalse();
        _inbox.CountLocked().ShouldBeInRange(1, count);
        TakeAll().ShouldBe(tasks);
        _inbox.IsEmpty.ShouldBeTrue();
        _inbox.CountLocked().ShouldBe(0);
    }

    [ThreadFact]
    public async Task Pushes_and_takes_from_several_threads_lose_nothing_and_keep_each_pushers_order()
    {
        const int Pushers = 3, Each = 5000;
        var tasks = Enumerable.Range(0, Pushers).Select(_ => Enumerable.Range(0, Each).Select(_ => NewTask()).ToList()).ToList();
        var place = tasks.SelectMany((list, pusher) => list.Select((task, i) => (task, pusher, i)))
            .ToDictionary(entry => entry.task, entry => (entry.pusher, entry.i));
        var pushing = tasks.Select(list => Task.Run(() => list.ForEach(task => _inbox.Push(task)))).ToList();
        int[] next = new int[Pushers];
        while (next.Sum() < Pushers * Each)
        {
            foreach (var task in TakeAll())
            {
                var (pusher, i) = place[task];
                i.ShouldBe(next[pusher]++);
            }

            await Task.Yield();
        }

        await Task.WhenAll(pushing);
        _inbox.IsEmpty.ShouldBeTrue();
    }

    [ThreadFact]
    public void A_sweep_drops_the_tasks_that_have_left_and_keeps_the_order()
    {
        var tasks = Enumerable.Range(0, 100).Select(_ => NewTask()).ToList();
        foreach (var task in tasks)
        {
            task.QueueMark.Set();
            _inbox.Push(task);
        }

        foreach (var task in tasks.Where((_, i) => i % 3 != 0)) task.QueueMark.TryClear().ShouldBeTrue();
        _inbox.SweepLocked(out int kept).ShouldBe(66);
        kept.ShouldBe(34);
        _inbox.IsEmpty.ShouldBeFalse();
        _inbox.CountLocked().ShouldBe(34);
        var late = NewTask();
        _inbox.Push(late);
        TakeAll().ShouldBe([.. tasks.Where((_, i) => i % 3 == 0), late]);
        _inbox.IsEmpty.ShouldBeTrue();
    }

    [ThreadFact]
    public void Cancelled_tasks_do_not_accumulate_behind_one_that_waits()
    {
        var queue = new ThreadTaskQueue();
        var gate = new Lock();
        var first = NewTask();
        queue.Push(first);
        var left = Leave(10_000);
        GC.Collect();
        left.Count(static task => task.IsAlive).ShouldBeLessThan(5_000);
        queue.TakeLocked().ShouldBeSameAs(first);

        List<WeakReference> Leave(int count) => Enumerable.Range(0, count).Select(_ =>
        {
            var task = NewTask();
            queue.Push(task);
            queue.Remove(task, gate).ShouldBeTrue();
            queue.Remove(task, gate).ShouldBeFalse();
            return new WeakReference(task);
        }).ToList();
    }

    [ThreadFact]
    public void Entries_at_the_front_whose_tasks_have_left_are_dropped_up_to_the_first_that_is_queued()
    {
        var queue = new ThreadTaskQueue();
        var gate = new Lock();
        var tasks = Enumerable.Range(0, 70).Select(_ => NewTask()).ToList(); // in several arrays
        tasks.ForEach(queue.Push);
        for (int i = 0; i < 60; i++) queue.Remove(tasks[i], gate).ShouldBeTrue();
        queue.Remove(tasks[65], gate).ShouldBeTrue();
        queue.DropFirstLocked();
        queue.TakeLocked().ShouldBeSameAs(tasks[60]);
        for (int i = 61; i < 70; i++) queue.Remove(tasks[i], gate).ShouldBe(i != 65);
        var urgent = NewTask(TaskPriority.High);
        var low = NewTask(TaskPriority.Low);
        queue.Push(urgent);
        queue.Push(low);
        queue.Remove(urgent, gate).ShouldBeTrue();
        queue.Remove(low, gate).ShouldBeTrue();
        queue.HasWork.ShouldBeTrue();
        queue.DropFirstLocked();
        queue.HasWork.ShouldBeFalse();
        queue.Push(tasks[0]);
        queue.TakeLocked().ShouldBeSameAs(tasks[0]);
    }

    [ThreadFact]
    public async Task An_interrupted_thread_removes_a_task_without_waiting_for_the_gate()
    {
        var queue = new ThreadTaskQueue();
        var gate = new Lock();
        var tasks = Enumerable.Range(0, 1000).Select(_ => NewTask()).ToList();
        tasks.ForEach(queue.Push);
        Gate held = new(), release = new();
        var holder = TestSupport.OnOwnThread(() =>
        {
            using (gate.EnterScope())
            {
                held.Open();
                release.Pass();
            }
        });
        await held.PassAsync();
        await TestSupport.OnOwnThread(() =>
        {
            Thread.CurrentThread.Interrupt();
            foreach (var task in tasks) queue.Remove(task, gate).ShouldBeTrue();
            using var never = new ManualResetEvent(initialState: false);
            Should.Throw<ThreadInterruptedException>(() => never.WaitOne(TestTimeout.Wait)); // the interrupt is still pending
        });
        release.Open();
        await holder;
        queue.TakeLocked().ShouldBeSameAs(tasks[0]); // an entry, whose task has left
        var last = NewTask();
        queue.Push(last);
        queue.Remove(last, gate).ShouldBeTrue(); // the next removal sweeps
        queue.HasWork.ShouldBeFalse();
    }

    [ThreadFact]
    public void A_batch_gets_a_fair_share_and_its_tasks_are_taken_once()
    {
        var queue = new ThreadTaskQueue();
        var batch = new TaskBatch();
        var tasks = Enumerable.Range(0, 12).Select(_ => NewTask()).ToList();
        tasks.ForEach(queue.Push);
        queue.FillLocked(batch, count: 10, workers: 2);
        batch.IsShown.ShouldBeTrue();
        queue.HasBatches.ShouldBeTrue();
        batch.TakeOwn().ShouldBeSameAs(tasks[0]);
        batch.TakeOverLocked().ShouldBeSameAs(tasks[1]);
        batch.TakeOwn().ShouldBeSameAs(tasks[2]);
        queue.TakeLocked().ShouldBeSameAs(tasks[6]);
        for (int i = 3; i < 6; i++) batch.TakeOverLocked().ShouldBeSameAs(tasks[i]);
        batch.TakeOverLocked().ShouldBeNull();
        batch.TakeOwn().ShouldBeNull();
        queue.BatchEnded(batch);
        queue.BatchEnded(batch);
        queue.HasBatches.ShouldBeFalse();
        queue.HasWork.ShouldBeTrue();
    }

    [ThreadFact]
    public void A_worker_takes_as_many_tasks_as_it_has_lately_run_in_the_target_time()
    {
        long target = (long)(BatchLimit.Duration.TotalSeconds * TimeProvider.System.TimestampFrequency);
        var limit = new BatchLimit(TimeProvider.System);
        Take(now: 0, ran: 1).ShouldBe(1);
        Take(now: 1000, ran: 1).ShouldBe(1);
        Take(now: 1000 + 1, ran: 1).ShouldBe(4);
        Take(now: 1000 + 5, ran: 16).ShouldBe(16);
        Take(now: 1000 + 5 + (target * 4), ran: 4).ShouldBe(4);
        Take(now: 1000 + 5 + (target * 9), ran: 4).ShouldBe(1);
        Take(now: 0, ran: 1).ShouldBe(1);

        limit = new BatchLimit(new ManualTimeProvider());
        for (int i = 1; i < 5; i++) Take(now: i, ran: 1).ShouldBe(1);

        int Take(long now, int ran)
        {
            int count = limit.Next(now);
            for (int i = 0; i < ran; i++) limit.Ran();
            return count;
        }
    }

    [ThreadFact]
    public void Levels_give_the_highest_priority_first_and_keep_the_order_within()
    {
        var queue = new PriorityTaskQueue();
        queue.Highest.ShouldBeNull();
        var tasks = new[] { TaskPriority.Low, TaskPriority.Normal, TaskPriority.High, TaskPriority.Normal, TaskPriority.High }
            .Select(priority => NewTask(priority)).ToList();
        tasks.ForEach(queue.Append);
        queue.Count.ShouldBe(5);
        queue.Highest.ShouldBe(TaskPriority.High);
        var taken = new List<Future>();
        while (queue.TakeFirst() is { } task) taken.Add(task);
        taken.ShouldBe([tasks[2], tasks[4], tasks[1], tasks[3], tasks[0]]);
        queue.Count.ShouldBe(0);
    }

    [ThreadTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_task_leaves_its_level_from_any_position(int leaver)
    {
        var queue = new PriorityTaskQueue();
        var tasks = Enumerable.Range(0, 3).Select(_ => NewTask()).ToList();
        tasks.ForEach(queue.Append);
        queue.Remove(tasks[leaver]).ShouldBeTrue();
        queue.Remove(tasks[leaver]).ShouldBeFalse();
        queue.Count.ShouldBe(2);
        tasks.RemoveAt(leaver);
        queue.TakeFirst().ShouldBeSameAs(tasks[0]);
        queue.TakeFirst().ShouldBeSameAs(tasks[1]);
        queue.TakeFirst().ShouldBeNull();
    }

    [ThreadFact]
    public void A_room_that_rejects_has_as_many_places_as_it_says()
    {
        var room = new QueueRoom("owner", 2, QueueFullMode.Reject);
        room.Take(default);
        room.Take(default);
        Should.Throw<QueueFullException>(() => room.Take(default)).Message.ShouldContain("'owner' is full: 2 tasks are waiting");
        room.TakeRegardless();
        room.GiveBack();
        Should.Throw<QueueFullException>(() => room.Take(default));
        room.GiveBack();
        room.Take(default);
    }

    [ThreadFact]
    public async Task Every_returned_place_admits_one_waiter()
    {
        var room = new QueueRoom("owner", 1, QueueFullMode.Wait);
        room.Take(default);
        int inside = 0;
        var waiters = Enumerable.Range(0, 8).Select(_ => TestSupport.OnOwnThread(() =>
        {
            room.Take(default);
            Interlocked.Increment(ref inside).ShouldBe(1);
            Interlocked.Decrement(ref inside);
            room.GiveBack();
        })).ToList();
        await TestTimeout.UntilAsync(() => room.Waiting == 8);
        room.GiveBack();
        await Task.WhenAll(waiters);
        room.Waiting.ShouldBe(0);
    }

    [ThreadFact]
    public async Task A_cancelled_waiter_leaves_and_a_closed_room_lets_all_through()
    {
        var room = new QueueRoom("owner", 1, QueueFullMode.Wait);
        room.Take(default);
        using var source = new CancellationTokenSource();
        var canceled = TestSupport.OnOwnThread(() => Should.Throw<OperationCanceledException>(() => room.Take(source.Token)));
        var patient = TestSupport.OnOwnThread(() => room.Take(default));
        await TestTimeout.UntilAsync(() => room.Waiting == 2);
        await source.CancelAsync();
        await canceled;
        room.Waiting.ShouldBe(1);
        room.Close();
        await patient;
        room.Take(default);
    }

    private Future NewTask(TaskPriority priority = TaskPriority.Normal) =>
        new DelegateFuture(_executor.Core, static () => { }, DelegateKind.Synchronous, new() { Priority = priority }, 1);

    private List<Future> TakeAll()
    {
        var list = new List<Future>();
        while (_inbox.TakeLocked() is { } task) list.Add(task);
        return list;
    }
}
