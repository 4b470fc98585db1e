#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Many threads count to a million together. Only some ways reach it.

using System.Threading.Channels;
using Samovar;

const int Workers = 4;
const int Each = 250_000;
await using var threads = new ThreadExecutor(new() { Workers = Workers });

int plain = 0;
await EachWorkerAsync(() =>
{
    for (int i = 0; i < Each; i++) plain++;                   // read, add, write: another may have written between
});
Console.WriteLine($"no care:      {plain,9:N0}, {(Workers * Each) - plain:N0} lost");

int locked = 0;
var gate = new Lock();
await EachWorkerAsync(() =>
{
    for (int i = 0; i < Each; i++)
    {
        lock (gate) locked++;
    }
});
Console.WriteLine($"a lock:       {locked,9:N0}");

int atomic = 0;
await EachWorkerAsync(() =>
{
    for (int i = 0; i < Each; i++) Interlocked.Increment(ref atomic);
});
Console.WriteLine($"interlocked:  {atomic,9:N0}");

// Nothing is shared: one owns the count, the others send it what they have.
var channel = Channel.CreateUnbounded<int>(new() { SingleReader = true });
var owner = Task.Run(async () =>
{
    int count = 0;
    await foreach (int more in channel.Reader.ReadAllAsync()) count += more;
    return count;
});
await EachWorkerAsync(() =>
{
    for (int i = 0; i < Each; i++) channel.Writer.TryWrite(1);
});
channel.Writer.Complete();
Console.WriteLine($"a queue:      {await owner,9:N0}");

async Task EachWorkerAsync(Action work)
{
    using var together = new Barrier(Workers);
    await threads.ForEachAsync(Enumerable.Range(0, Workers), _ =>
    {
        together.SignalAndWait();
        work();
    });
}
