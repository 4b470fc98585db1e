#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Integers to a reader in another process, one by one, until the end mark.

using System.Diagnostics;
using Samovar;
using Samovar.Ipc;

using var queue = new ProcessQueue<Message>(capacity: 1 << 16);

foreach (int count in (int[])[10_000, 100_000, 1_000_000])
{
    using var ready = new ProcessEvent();
    var reader = ChildProcess.Start(
        () =>
        {
            ready.Set();
            long sum = 0;
            while (queue.Take() is { IsDone: false } message) sum += message.Number;
            return sum;
        },
        new() { IsBackground = true });
    ready.Wait();

    long start = Stopwatch.GetTimestamp();
    for (int number = 0; number < count; number++) queue.Put(new Message(number));
    queue.Put(Message.Done);
    long sum = await reader.JoinAsync();
    var took = Stopwatch.GetElapsedTime(start);
    Console.WriteLine($"Sending {count,9:N0} numbers took {took.TotalSeconds:0.000} s, {count / took.TotalSeconds / 1e6:0.0} million a second; their sum is {sum:N0}");
}

internal readonly record struct Message(int Number, bool IsDone = false)
{
    public static Message Done => new(0, IsDone: true);
}
