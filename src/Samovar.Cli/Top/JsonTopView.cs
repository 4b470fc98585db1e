using System.Text;
using Samovar.Cli.Attaching;

namespace Samovar.Cli.Top;

/// <summary>Writes each picture as it arrived, one line each.</summary>
/// <param name="output">Where to.</param>
internal sealed class JsonTopView(TextWriter output) : TopView
{
    public override void Show(WatchHello hello, byte[] line)
    {
        PictureReader.Read(line); // what is malformed is not passed on
        output.WriteLine(Encoding.UTF8.GetString(line));
    }

    public override void End(string sentence) => Console.Error.WriteLine($"samovar: {sentence}");
}
