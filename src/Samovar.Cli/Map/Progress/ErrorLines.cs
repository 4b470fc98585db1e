namespace Samovar.Cli.Map.Progress;

/// <summary>Replaces Console.Error until disposed, and passes on complete lines: the output of items that run in the tool's own process.</summary>
internal sealed class ErrorLines : IDisposable
{
    private readonly TextWriter _before = Console.Error;
    private readonly SaidLines _said;
    private readonly TextWriter _shared; // the synchronized writer through which items write

    /// <param name="say">Called with each line.</param>
    public ErrorLines(Action<string> say)
    {
        _said = new SaidLines(say);
        Console.SetError(_said);
        _shared = Console.Error;
    }

    /// <summary>Restores Console.Error, and passes on a last line without a newline.</summary>
    public void Dispose()
    {
        Console.SetError(_before);
        lock (_shared) _said.End(); // the synchronized writer's own lock: an abandoned thread may still write
    }
}
