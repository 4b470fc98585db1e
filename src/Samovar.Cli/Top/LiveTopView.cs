using System.Diagnostics;
using System.Globalization;
using Samovar.Cli.Attaching;

namespace Samovar.Cli.Top;

/// <summary>Redraws the newest picture in place on the terminal, with the age of the picture. The last one stays.</summary>
internal sealed class LiveTopView : TopView
{
    private const double OldSeconds = 2;

    private readonly TopHistory _history = new();
    private readonly LiveDisplay _display = new(Console.Out, Terminal.Size, hasColours: !Terminal.IsPlain, Terminal.Reflows);
    private readonly bool _readsKeys = !Console.IsInputRedirected;
    private WatchHello? _hello;
    private long _arrived;

    public override bool HasQuit
    {
        get
        {
            while (_readsKeys && Console.KeyAvailable)
            {
                if (Console.ReadKey(intercept: true).KeyChar is 'q' or 'Q') return true;
            }

            return false;
        }
    }

    public override void Show(WatchHello hello, byte[] line)
    {
        _history.Add(PictureReader.Read(line));
        (_hello, _arrived) = (hello, Stopwatch.GetTimestamp());
        Draw();
    }

    public override void Wait() => Draw();

    public override void End(string sentence)
    {
        _display.End();
        Console.Out.WriteLine(sentence);
    }

    public override void Dispose()
    {
        _display.End();
        base.Dispose();
    }

    private void Draw()
    {
        if (_hello is not { } hello || _history.Now is null) return;
        double age = Stopwatch.GetElapsedTime(_arrived).TotalSeconds;
        string note = age < OldSeconds
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"{(Peer.IsStopped(hello.Pid) ? "stopped; " : "")}this picture is {age:0} s old");
        var (width, height) = Terminal.Size();
        _display.Draw(new TopFrame(hello, _history).Lines(width - 1, height - 1, note));
    }
}
