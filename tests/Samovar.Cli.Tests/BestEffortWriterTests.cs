using System.Text;

namespace Samovar.Cli.Tests;

public sealed class BestEffortWriterTests
{
    [ProcessFact]
    public async Task What_cannot_be_written_is_dropped_and_what_can_is_not()
    {
        var full = new FullDisk();
        await using var writer = new BestEffortWriter(full);
        writer.Write('a');
        writer.Write("b");
        writer.WriteLine("c {0}", 1);
        await writer.WriteLineAsync("d");
        await writer.FlushAsync(TestContext.Current.CancellationToken);
        full.HasRoom = true;
        writer.WriteLine("e");
        writer.Write("f {0}", 1);

        full.Written.ToString().ShouldBe($"e{Environment.NewLine}f 1");
    }

    private sealed class FullDisk : TextWriter
    {
        public bool HasRoom { get; set; }

        public StringBuilder Written { get; } = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            if (!HasRoom) throw new IOException("No space left on device");
            Written.Append(value);
        }
    }
}
