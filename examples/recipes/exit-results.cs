#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Each worker counts for itself, without a lock, and returns its counts when it exits.

using Samovar;

string[] lines = [.. Enumerable.Range(1, 300).Select(static n => n % 7 == 0 ? "ERROR no water" : n % 2 == 0 ? "tea" : "cup")];
var counts = new WorkerState<Counts>(static () => new Counts());

var pool = new ProcessExecutor(new() { Workers = 2, MaxTasksPerWorker = 4, ExitHook = () => counts.Value });
await pool.ForEachAsync(lines, line => counts.Value.Add(line.Split(' ')[0]), new() { BatchSize = 10 });

var total = new Counts();
foreach (var exit in await pool.CollectExitResultsAsync<Counts>())
{
    if (exit.IsSuccess) total.Add(exit.Value);
    else Console.WriteLine($"nothing from {exit.Worker.Name}: {exit.Error.Message}");
}

Console.WriteLine(total);

internal sealed class Counts
{
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);

    public void Add(string word) => Add(word, 1);

    public void Add(Counts others)
    {
        foreach (var (word, count) in others._counts) Add(word, count);
    }

    public override string ToString() => string.Join(", ", _counts.Select(static pair => $"{pair.Key} {pair.Value}"));

    private void Add(string word, int count) => _counts[word] = _counts.GetValueOrDefault(word) + count;
}
