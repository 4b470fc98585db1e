#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// A connection for each worker, opened by the first task that needs it and closed when the worker exits.

using Samovar;

await using (var pool = new ProcessExecutor(new() { Workers = 2 }))
{
    var connection = new WorkerState<Connection>(() => new Connection("orders"));
    int[] answers = await pool.Map(Enumerable.Range(1, 20), number => connection.Value.Ask(number)).ToArrayAsync();
    Console.WriteLine($"{answers.Length} answers, the last is {answers[^1]}");
}

internal sealed class Connection(string name) : IDisposable
{
    private int _questions;

    public int Ask(int number)
    {
        _questions++;
        return number * number;
    }

    public void Dispose() => Console.WriteLine($"the connection to {name} closes after {_questions} questions");
}
