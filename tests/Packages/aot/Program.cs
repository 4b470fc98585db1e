// What works ahead of time: threads, an event loop, a queue of plain values.

using Samovar;
using Samovar.Ipc;

await using var threads = new ThreadExecutor();
int answer = await threads.Submit(static () => 42);

int turns = EventLoop.Run(static async () =>
{
    await Task.Delay(TimeSpan.FromMilliseconds(1), EventLoop.Current!.Time);
    return 2;
});

using var queue = new ProcessQueue<int>(capacity: 1);
queue.Put(3);
Console.WriteLine($"{answer} {turns} {queue.Take()}");
