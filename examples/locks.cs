#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using Samovar;
using Samovar.Ipc;

using var gate = new ProcessLock();
using var total = new SharedArray<long>(2);

var adder = ChildProcess.Start(() =>
{
    for (int i = 0; i < 10_000; i++)
    {
        using (gate.Enter())                                  // in order of arrival, over all processes
            total[0]++;
    }
});
for (int i = 0; i < 10_000; i++)
{
    using (await gate.EnterAsync())                           // held over an await; no thread blocks
        total[0]++;
}

await adder.JoinAsync();
Console.WriteLine($"together they counted to {total[0]}");

if (gate.TryEnter(TimeSpan.FromSeconds(1)) is { } lease)      // null where the time ran out
{
    using (lease)
        Console.WriteLine("entered within a second");
}

var dying = ChildProcess.Start(() =>
{
    gate.Enter();
    Environment.Exit(1);                                      // while holding the lock
});
await dying.Exited;
using (var next = await gate.EnterAsync())
    Console.WriteLine($"the holder died: {next.IsAbandoned}");

using var slots = new ProcessSemaphore(2);
await using var pool = new ProcessExecutor(new() { Workers = 2 });
await pool.ForEachAsync(Enumerable.Range(0, 20), _ =>
{
    using (slots.Enter()) Thread.Yield();                     // two at a time, over all processes
});
Console.WriteLine($"{slots.CurrentCount} free again");

using var filled = new ProcessCondition(gate);
var consumer = ChildProcess.Start(() =>
{
    using var held = gate.Enter();
    filled.Wait(held, () => total[1] > 0, TimeSpan.FromSeconds(10));
    return total[1];
});
using (gate.Enter())
{
    total[1] = 42;
    filled.NotifyAll();
}

Console.WriteLine($"the consumer saw {await consumer.JoinAsync()}");

using var start = new ProcessEvent();
using var meeting = new ProcessBarrier(2);
var party = ChildProcess.Start(() =>
{
    start.Wait();
    meeting.SignalAndWait();
});
start.Set();
await meeting.SignalAndWaitAsync();
await party.JoinAsync();
Console.WriteLine("they met");
