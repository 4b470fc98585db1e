using Samovar.Tasks.Core;
using Samovar.Tasks.Running;

namespace Samovar.Tests.Tasks.Running;

public sealed class PriorityTaskQueueTests : IAsyncDisposable
{
    private readonly InlineExecutor _executor = new();
    private readonly PriorityTaskQueue _queue = new();

    public ValueTask DisposeAsync() => _executor.DisposeAsync();

    [ThreadTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Tasks_that_are_added_at_both_ends_removed_and_taken_come_by_priority_and_in_order(int seed)
    {
        var random = new Random(seed);
        var expected = new SortedDictionary<int, List<Future>> { [-1] = [], [0] = [], [1] = [] };
        for (int i = 0; i < 20_000; i++)
        {
            int priority = random.Next(-1, 2);
            List<Future> level = expected[priority];
            switch (random.Next(i % 4000 < 2000 ? 6 : 9)) // grows for some time, then shrinks
            {
                case 0 or 1 or 2:
                    level.Add(NewTask((TaskPriority)priority));
                    _queue.Append(level[^1]);
                    break;
                case 3:
                    level.Insert(0, NewTask((TaskPriority)priority));
                    _queue.Prepend(level[0]);
                    break;
                case 4 when level.Count > 0:
                    int place = random.Next(level.Count);
                    _queue.Remove(level[place]).ShouldBeTrue();
                    _queue.Remove(level[place]).ShouldBeFalse();
                    level.RemoveAt(place);
                    break;
                default:
                    List<Future> next = expected[1].Count > 0 ? expected[1] : expected[0].Count > 0 ? expected[0] : expected[-1];
                    _queue.TakeFirst().ShouldBeSameAs(next.FirstOrDefault());
                    if (next.Count > 0) next.RemoveAt(0);
                    break;
            }

            _queue.Count.ShouldBe(expected.Values.Sum(static level => level.Count));
        }
    }

    [ThreadFact]
    public void A_burst_does_not_keep_its_memory()
    {
        var tasks = Enumerable.Range(0, 5000).Select(_ => NewTask(TaskPriority.Normal)).ToList();
        int before = _queue.Capacity;
        tasks.ForEach(_queue.Append);
        _queue.Capacity.ShouldBeGreaterThan(5000);

        for (int i = 0; i < tasks.Count; i++) _queue.TakeFirst().ShouldBeSameAs(tasks[i]);

        _queue.Capacity.ShouldBe(before);
        _queue.Append(tasks[0]);
        _queue.TakeFirst().ShouldBeSameAs(tasks[0]);
    }

    [ThreadFact]
    public void A_burst_whose_last_tasks_leave_before_they_are_taken_does_not_keep_its_memory()
    {
        var tasks = Enumerable.Range(0, 5000).Select(_ => NewTask(TaskPriority.Normal)).ToList();
        int before = _queue.Capacity;
        tasks.ForEach(_queue.Append);
        foreach (var task in tasks) _queue.Remove(task).ShouldBeTrue();

        _queue.TakeFirst().ShouldBeNull();

        _queue.Capacity.ShouldBe(before);
    }

    private DelegateFuture NewTask(TaskPriority priority) =>
        new(_executor.Core, static () => { }, DelegateKind.Synchronous, new() { Priority = priority }, 1);
}
