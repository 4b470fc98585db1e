using System.Text;

namespace Samovar.Cli.Tests.Cluster;

/// <summary>Keeps the lines that a job writes, and waits for them. Thread-safe.</summary>
internal sealed class LogLines : TextWriter
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = []; // gate

    public override Encoding Encoding => Encoding.UTF8;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate) return [.. _lines];
        }
    }

    public override void WriteLine(string? value)
    {
        lock (_gate) _lines.Add(value ?? "");
    }

    public Task ContainsAsync(string text) => TestTimeout.UntilAsync(() => Lines.Any(line => line.Contains(text, StringComparison.Ordinal)), $"the line '{text}'");

    public override string ToString() => string.Join('\n', Lines);
}
