using System.Globalization;
using System.Text;
using Samovar.Processes;

namespace Samovar.Tests.Processes;

public sealed class OutputTailTests
{
    [ProcessFact]
    public void A_tail_keeps_whole_last_lines_of_a_long_stream()
    {
        var tail = new OutputTail();
        for (int i = 0; i < 5000; i++)
            tail.Append(Encoding.UTF8.GetBytes($"{i}\n"));
        tail.ToString().Split('\n').ShouldBe([.. Enumerable.Range(4980, OutputTail.Lines).Select(i => i.ToString(CultureInfo.InvariantCulture))]);
        tail.Append(new byte[100_000]);
        tail.ToString().Length.ShouldBeLessThanOrEqualTo(OutputTail.Bytes);
        tail.Written.ShouldBeGreaterThan(100_000);
    }
}
