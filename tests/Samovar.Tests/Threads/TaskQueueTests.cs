using Samovar.Tasks.Core;
using Samovar.Tasks.Running;
using Samovar.Threads.Scheduling;

namespace Samovar.Tests.Threads;

/// <summary>Where tasks wait: inbox, lanes, and the places of a bounded queue.</summary>
public sealed class TaskQueueTests : IAsyncDisposable
{
    private readonly InlineExecutor _executor = new();
    private TaskInbox _inbox;

    public ValueTask DisposeAsync() => _executor.DisposeAsync();

    [ThreadFact]
    public void The_inbox_returns_pushed_tasks_oldest_first()
    {
        _inbox.IsEmpty.ShouldBeTrue();
        _inbox.TakeAll().ShouldBeNull();
        var tasks = Enumerable.Range(0, 5).Select(_ => NewTask()).ToList();
        foreach (var task in tasks) _inbox.Push(task);
        _inbox.IsEmpty.ShouldBeFalse();
        Linked(_inbox.TakeAll()).ShouldBe(tasks);
        _inbox.IsEmpty.ShouldBeTrue();
    }

    [ThreadFact]
    public async Task Pushes_and_takes_from_several_threads_lose_nothing_and_keep_each_pushers_order()
    {
        const int Pushers = 3, Each = 2000;
        var tasks = Enumerable.Range(0, Pushers).Select(_ => Enumerable.Range(0, Each).Select(_ => NewTask()).ToList()).ToList();
        var place = tasks.SelectMany((list, pusher) => list.Select((task, i) => (task, pusher, i)))
            .ToDictionary(entry => entry.task, entry => (entry.pusher, entry.i));
        var pushing = tasks.Select(list => Task.Run(() => list.ForEach(task => _inbox.Push(task)))).ToList();
        int[] next = new int[Pushers];
        while (next.Sum() < Pushers * Each)
        {
            foreach (var task in Linked(_inbox.TakeAll()))
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

    private static List<Future> Linked(Future? first)
    {
        var list = new List<Future>();
        for (var task = first; task is not null; task = task.Next) list.Add(task);
        return list;
    }
}
