using System.Threading.Channels;

namespace Samovar.Tests.Processes;

/// <summary>Gets what a child writes, line by line, in place of the test's own output.</summary>
internal sealed class ChildOutput
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    public ChildProcessOptions Options => new() { OutputReceived = line => _lines.Writer.TryWrite(line.Text) };

    /// <summary>The next line that is not yet taken.</summary>
    public async Task<string> LineAsync() => await _lines.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>All that came and is not yet taken.</summary>
    public List<string> Rest()
    {
        var rest = new List<string>();
        while (_lines.Reader.TryRead(out string? line)) rest.Add(line);
        return rest;
    }
}
