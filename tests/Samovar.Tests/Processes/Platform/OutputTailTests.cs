using System.Globalization;
using System.Text;
using Samovar.Processes.Platform;

namespace Samovar.Tests.Processes.Platform;

public sealed class OutputTailTests
{
    [ProcessFact]
    public void A_tail_keeps_whole_last_lines_of_a_long_stream()
    {
        var tail = new OutputTail();
        for (int i = 0; i < 5000; i++) tail.Append(Encoding.UTF8.GetBytes($"{i}\n"));
        tail.ToString().Split('\n').ShouldBe([.. Enumerable.Range(4980, OutputTail.Lines).Select(i => i.ToString(CultureInfo.InvariantCulture))]);
        tail.Append(new byte[100_000]);
        tail.ToString().Length.ShouldBeLessThanOrEqualTo(OutputTail.Bytes);
        tail.Written.ShouldBeGreaterThan(100_000);
    }

    [ProcessTheory]
    [InlineData("", "")]
    [InlineData("\n \n", "")]
    [InlineData("warming up\nout of leaves\n\n", "out of leaves")]
    [InlineData("10 %\r20 %\r", "20 %")]
    [InlineData("before\nProcess terminated.\nout of tea\n   at System.Environment.FailFast()\n", "Process terminated. out of tea")]
    [InlineData("Process terminated.\n   at System.Environment.FailFast()\n", "Process terminated.")]
    [InlineData("Unhandled exception. System.Exception: cold\n   at Kettle.Boil()\n   at Samovar.Inside()\n", "Unhandled exception. System.Exception: cold")]
    public void The_last_words_are_one_line_that_says_most(string written, string words)
    {
        var tail = new OutputTail();
        tail.Append(Encoding.UTF8.GetBytes(written));
        tail.LastWords().ShouldBe(words);
    }

    [ProcessTheory]
    [InlineData("Stack overflow.\n", "Stack overflow.")]
    [InlineData("Process terminated.\nout of tea\n", "Process terminated. out of tea")]
    [InlineData("Process terminated.\nout of tea\nand of milk\n", "Process terminated. out of tea")]
    [InlineData("Unhandled exception. System.Exception: cold\nand empty\n", "Unhandled exception. System.Exception: cold")]
    [InlineData("Unhandled exception. System.Exception: cold\n ---> System.Exception: no gas\nsince noon\n", "Unhandled exception. System.Exception: cold")]
    [InlineData("Stack overflow.\n   at Kettle.Fill()\nof another thread\n", "Stack overflow.")]
    [InlineData("Stack overflow.\n   at Kettle.Fill()\nnot\nof\nthis\naccount\n", "   at Kettle.Boil()")]
    public void An_account_longer_than_what_is_kept_is_known_by_how_it_began(string begin, string words)
    {
        var tail = new OutputTail();
        byte[] written = Encoding.UTF8.GetBytes(
            $"{begin}Repeated 9 times:\n-----\n\n{string.Concat(Enumerable.Repeat("   at Kettle.Boil()\n", OutputTail.Bytes / 10))}");
        foreach (byte[] part in written.Chunk(7)) tail.Append(part);
        tail.LastWords().ShouldBe(words.Trim());
    }

    [ProcessFact]
    public void Words_that_begin_as_an_account_does_are_forgotten_where_no_frame_follows()
    {
        var tail = new OutputTail();
        tail.Append("Fatal error. Trying again\n"u8);
        for (int i = 0; i < 2 * OutputTail.Bytes; i++) tail.Append("warm\n"u8);
        tail.LastWords().ShouldBe("warm");
    }

    [ProcessFact]
    public void Lines_that_are_no_account_allocate_nothing()
    {
        var tail = new OutputTail();
        byte[] lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("   warming up\n\n", 1000)));
        tail.Append(lines);
        long before = GC.GetAllocatedBytesForCurrentThread();
        tail.Append(lines);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(lines.Length);
    }

    [ProcessTheory]
    [InlineData(30, "Process terminated. out of tea\n   at Kettle.Boil()\n")] // all of it
    [InlineData(OutputTail.Bytes, "Process terminated. out of tea\n…\n")]
    public void The_tail_begins_with_how_the_runtime_s_account_does(int frames, string begin)
    {
        var tail = new OutputTail();
        tail.Append("warming up\nProcess terminated. out of tea\n"u8);
        for (int i = 0; i < frames; i++) tail.Append("   at Kettle.Boil()\n"u8);
        tail.ToString().ShouldStartWith(begin);
        tail.ToString().ShouldEndWith("   at Kettle.Boil()");
    }
}
