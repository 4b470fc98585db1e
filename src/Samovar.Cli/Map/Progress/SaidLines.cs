using System.Text;

namespace Samovar.Cli.Map.Progress;

/// <summary>A writer that passes on each line when it is complete. Not thread-safe; the console synchronizes calls.</summary>
/// <param name="say">Called with each line.</param>
internal sealed class SaidLines(Action<string> say) : TextWriter
{
    private readonly StringBuilder _line = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        if (value != '\n')
        {
            if (value != '\r') _line.Append(value);
            return;
        }

        SayRest();
    }

    /// <summary>Passes on a last line without a newline, if there is one.</summary>
    public void End()
    {
        if (_line.Length > 0) SayRest();
    }

    private void SayRest()
    {
        string line = _line.ToString();
        _line.Clear();
        say(line);
    }
}
