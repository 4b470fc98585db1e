using System.Text;
using Samovar.Cli.Map.Outputs;

namespace Samovar.Cli.Map.Shell;

/// <summary>Writes the lines of running commands as they come (--line-buffer). Lines of several commands alternate, but none is broken up. Thread-safe.</summary>
/// <param name="output">Receives the lines of stdout.</param>
/// <param name="errors">Receives the lines of stderr.</param>
/// <param name="isTagged">Whether each line starts with the item.</param>
/// <param name="keeps">Whether the output is kept, too.</param>
/// <param name="lost">Called once when the output cannot be written.</param>
internal sealed class LiveLines(AppendBuffer output, CapturedOutput.SpanAction errors, bool isTagged, bool keeps, Action<OutputLostException> lost)
{
    private readonly Lock _gate = new();
    private bool _isLost; // gate

    public bool Keeps => keeps;

    /// <summary>Starts the output of an item.</summary>
    public LiveOutput Begin(string tag) => new(this, isTagged ? Encoding.UTF8.GetBytes($"{tag}\t") : []);

    /// <summary>Writes the output of a command that did not run now, its stdout first.</summary>
    public void Replay(CommandResult result)
    {
        LiveOutput item = Begin(result.Tag);
        result.Output.CopyTo(item.Output(kept: null));
        result.Errors.CopyTo(item.Errors(kept: null));
        item.End();
    }

    /// <summary>Writes whole lines, and a last one that has no newline.</summary>
    public void Write(ReadOnlySpan<byte> lines, byte[] tag, bool isError)
    {
        lock (_gate)
        {
            if (_isLost) return;
            try
            {
                if (isError)
                {
                    TaggedLines.Write(lines, tag, errors);
                    return;
                }

                TaggedLines.Write(lines, tag, output.Append);
                output.Flush();
            }
            catch (OutputLostException error)
            {
                _isLost = true;
                lost(error);
            }
        }
    }
}

/// <summary>The output of one running command, in lines.</summary>
internal sealed class LiveOutput(LiveLines lines, byte[] tag)
{
    private readonly MemoryStream _output = new(); // the incomplete last line
    private readonly MemoryStream _errors = new();

    public CapturedOutput.SpanAction Output(OutputCapture? kept) => piece => Take(piece, _output, kept, isError: false);

    public CapturedOutput.SpanAction Errors(OutputCapture? kept) => piece => Take(piece, _errors, kept, isError: true);

    /// <summary>Writes the lines that have no newline.</summary>
    public void End()
    {
        if (_output.Length > 0) lines.Write(_output.GetBuffer().AsSpan(0, (int)_output.Length), tag, isError: false);
        if (_errors.Length > 0) lines.Write(_errors.GetBuffer().AsSpan(0, (int)_errors.Length), tag, isError: true);
    }

    private void Take(ReadOnlySpan<byte> piece, MemoryStream begun, OutputCapture? kept, bool isError)
    {
        if (lines.Keeps) kept?.Append(piece);
        int end = piece.LastIndexOf((byte)'\n') + 1;
        if (end > 0)
        {
            begun.Write(piece[..end]);
            lines.Write(begun.GetBuffer().AsSpan(0, (int)begun.Length), tag, isError);
            begun.SetLength(0);
        }

        begun.Write(piece[end..]);
    }
}
