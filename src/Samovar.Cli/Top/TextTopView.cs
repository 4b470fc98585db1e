using Samovar.Cli.Attaching;

namespace Samovar.Cli.Top;

/// <summary>Writes each picture as text without colours, below the one before.</summary>
/// <param name="output">Where to.</param>
internal sealed class TextTopView(TextWriter output) : TopView
{
    private const int Unlimited = 10_000;

    private readonly TopHistory _history = new();
    private bool _isFirst = true;

    public override void Prepare(byte[] line) => _history.Add(PictureReader.Read(line));

    public override void Show(WatchHello hello, byte[] line)
    {
        _history.Add(PictureReader.Read(line));
        if (!_isFirst) output.WriteLine();
        _isFirst = false;
        foreach (var pieces in new TopFrame(hello, _history).Lines(Unlimited, Unlimited, ""))
            output.WriteLine(string.Concat(pieces.Select(static piece => piece.Text)).TrimEnd());
    }

    public override void End(string sentence)
    {
        if (!_isFirst) output.WriteLine();
        output.WriteLine(sentence);
    }
}
