using System.Text;

namespace Samovar.Cli.Map.Progress;

/// <summary>A writer whose lines are said one by one, as they become whole. One thread at a time, as the console sees to.</summary>
/// <param name="say">Takes a line.</param>
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

    /// <summary>Says what has no end of line yet, if there is any.</summary>
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
