#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Three stages, each in processes of its own, with a bounded queue between them.

using System.Security.Cryptography;
using Samovar;
using Samovar.Ipc;

using var pages = new ProcessQueue<string>(capacity: 64);
using var digests = new ProcessQueue<Digest>(capacity: 64);

var reader = ChildProcess.Start(async () =>
{
    for (int number = 0; number < 1_000; number++)
        await pages.Writer.WriteAsync(string.Concat(Enumerable.Repeat($"page {number} ", 100)));   // waits while the queue is full
    pages.Complete();
});

ChildProcess[] hashers = [.. Enumerable.Range(0, 2).Select(_ => ChildProcess.Start(async () =>
{
    await foreach (string page in pages.Reader.ReadAllAsync())                                     // ends when pages is complete and empty
    {
        byte[] hash = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(page));
        await digests.Writer.WriteAsync(new Digest(page.Length, Convert.ToHexString(hash), Environment.ProcessId));
    }
}))];

var adder = ChildProcess.Start(() =>
{
    int count = 0;
    var processes = new HashSet<int>();
    while (digests.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
    {
        while (digests.TryTake(out var digest))
        {
            count++;
            processes.Add(digest.ProcessId);
        }
    }

    return (count, processes.Count);
});

await reader.JoinAsync();
foreach (var hasher in hashers) await hasher.JoinAsync();
digests.Complete();                                                                                // the parent knows that all producers have exited
var (arrived, by) = await adder.JoinAsync();
Console.WriteLine($"{arrived} digests, made by {by} processes");

internal sealed record Digest(int Length, string Hash, int ProcessId);
