// Each part prints its result; build/test-packages compares the line. It runs in every mode of publishing.

using Samovar;
using Samovar.Ipc;

ProcessWorker.RunIfWorker(args);
if (args is ["name"])
{
    using var named = new ProcessQueue<int>(capacity: 1, "samovar-packages"); // needs a directory that can be written
    return;
}

int number = 20;
int program = Environment.ProcessId;
await using var pool = new ProcessExecutor(new() { Workers = 2 });
int answer = await pool.Submit(() => Environment.ProcessId == program ? 0 : 2 * number + 2);

var squares = new List<int>();
await foreach (int square in pool.Map([1, 2, 3], static n => n * n)) squares.Add(square);

string error = "";
try
{
    await pool.Submit(static () => throw new Order.RefusedException("no tea"));
}
catch (Order.RefusedException e)
{
    error = e.Message;
}

using var queue = new ProcessQueue<Order>(capacity: 4);
var child = ChildProcess.Start(() => queue.Put(new Order("tea", 3)));
await child.JoinAsync();
var order = queue.Take();

await using var threads = new ThreadExecutor();
string thread = await threads.Submit(static () => "thread");

Console.WriteLine($"{answer}, {string.Join(' ', squares)}, {error}, {order}, {thread}");

internal sealed record Order(string What, int Count)
{
    public override string ToString() => $"{Count} {What}";

    public sealed class RefusedException(string message) : Exception(message);
}
