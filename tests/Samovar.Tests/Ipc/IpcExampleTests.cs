using Samovar.Ipc;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Ipc;

/// <summary>The examples in the documentation of queues, pipes, locks and shared memory, see <c>DocumentationExampleTests</c>.</summary>
[Collection(ProcessTestCollection.Name)]
public sealed class IpcExampleTests
{
    [ProcessFact]
    public async Task ProcessQueue_passes_items_to_another_process()
    {
        using var numbers = new ProcessQueue<int>(capacity: 100);
        var child = ChildProcess.Start(async () =>
        {
            int sum = 0;
            await foreach (int number in numbers.TakeAllAsync()) sum += number;
            return sum;
        });
        for (int number = 1; number <= 3; number++) numbers.Put(number);
        numbers.Complete();
        int total = await child.JoinAsync(); // 6

        total.ShouldBe(6);
    }

    [ThreadFact]
    public void Put_waits_where_TryPut_returns_false()
    {
        using var queue = new ProcessQueue<int>(capacity: 2);
        queue.Put(1);
        queue.Put(2);
        bool hasRoom = queue.TryPut(3); // false; Put would block until an item is taken

        hasRoom.ShouldBeFalse();
        queue.Count.ShouldBe(2);
    }

    [ProcessFact]
    public async Task Take_waits_for_an_item_of_another_process()
    {
        using var words = new ProcessQueue<string>(capacity: 10);
        var producer = ChildProcess.Start(() => words.Put("samovar"));
        string word = words.Take(); // blocks until the other process has put it

        word.ShouldBe("samovar");
        await producer.JoinAsync();
    }

    [ProcessFact]
    public async Task Create_connects_two_processes_in_both_directions()
    {
        var (here, there) = ProcessPipe.Create<string, int>();
        var child = ChildProcess.Start(() => there.Send(there.Receive().Length)); // this end now belongs to the child
        here.Send("samovar");
        int length = here.Receive(); // 7

        length.ShouldBe(7);
        await child.JoinAsync();
        here.Dispose();
    }

    [ProcessFact]
    public async Task CreateOneWay_connects_a_sender_and_a_receiver()
    {
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>();
        var child = ChildProcess.Start(() => sender.SendMany([1, 2, 3]));
        List<int> received = [];
        await foreach (int number in receiver.ReadAllAsync()) received.Add(number); // until the child has exited

        received.ShouldBe([1, 2, 3]);
        await child.JoinAsync();
        receiver.Dispose();
    }

    [ProcessFact]
    public async Task ProcessLock_admits_one_process_at_a_time()
    {
        using var gate = new ProcessLock();
        using var total = new SharedArray<long>(1);
        var child = ChildProcess.Start(() =>
        {
            using (gate.Enter()) total[0]++;
        });
        using (gate.Enter()) total[0]++;
        await child.JoinAsync();
        Console.WriteLine(total[0]); // 2

        total[0].ShouldBe(2);
        gate.IsHeld.ShouldBeFalse();
    }

    [ProcessFact]
    public async Task ProcessSemaphore_limits_tasks_of_all_processes()
    {
        await using var executor = new ProcessExecutor(new() { Workers = 2 });

        using var slots = new ProcessSemaphore(initialCount: 1);
        using var sum = new SharedValue<int>();
        await executor.ForEachAsync(Enumerable.Range(1, 20), number =>
        {
            using (slots.Enter()) sum.Add(number); // one task at a time, whatever process it runs in
        });

        sum.Value.ShouldBe(210);
        slots.CurrentCount.ShouldBe(1);
    }

    [ProcessFact]
    public async Task ProcessEvent_releases_waiters()
    {
        using var start = new ProcessEvent();
        var child = ChildProcess.Start(() => start.Wait(TimeSpan.FromMinutes(1)));
        start.Set();
        bool wasSet = await child.JoinAsync(); // false if the minute has elapsed

        wasSet.ShouldBeTrue();
    }

    [ProcessFact]
    public async Task ProcessBarrier_waits_for_all_participants()
    {
        using var meeting = new ProcessBarrier(participantCount: 2);
        var child = ChildProcess.Start(() => meeting.SignalAndWait());
        await meeting.SignalAndWaitAsync(); // completes when both processes have arrived
        await child.JoinAsync();

        child.ExitCode.ShouldBe(0);
    }

    [ProcessFact]
    public async Task SharedArray_is_visible_to_all_processes()
    {
        await using var executor = new ProcessExecutor(new() { Workers = 2 });

        using var squares = new SharedArray<int>(length: 10);
        await executor.ForEachAsync(Enumerable.Range(0, 10), index => squares[index] = index * index);
        Console.WriteLine(squares[9]); // 81

        squares.ToArray().ShouldBe([0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
    }

    [ProcessFact]
    public async Task SharedValue_is_changed_atomically()
    {
        using var counter = new SharedValue<long>();
        var child = ChildProcess.Start(() => counter.Add(2));
        counter.Add(40);
        await child.JoinAsync();
        Console.WriteLine(counter.Value); // 42

        counter.Value.ShouldBe(42);
    }
}
