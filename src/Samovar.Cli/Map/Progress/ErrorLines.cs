namespace Samovar.Cli.Map.Progress;

/// <summary>Takes the place of stderr, and says line by line what is written there, until it is disposed of: what items write that run in the tool itself.</summary>
internal sealed class ErrorLines : IDisposable
{
    private readonly TextWriter _before = Console.Error;
    private readonly SaidLines _said;
    private readonly TextWriter _shared; // what items write through, one thread at a time

    /// <param name="say">Takes a line.</param>
    public ErrorLines(Action<string> say)
    {
        _said = new SaidLines(say);
        Console.SetError(_said);
        _shared = Console.Error;
    }

    /// <summary>Gives stderr back, and says what has no end of line yet.</summary>
    public void Dispose()
    {
        Console.SetError(_before);
        lock (_shared) _said.End(); // its own lock: a thread that was left behind may still write
    }
}
