using Samovar.Cli.Map.Progress;
using Samovar.Cli.Map.Running;

namespace Samovar.Cli.Tests.Map.Running;

public sealed class RuleTests
{
    [ProcessTheory]
    [InlineData("first", 1, 1, true)]
    [InlineData("first", 0, 100, false)]
    [InlineData("3", 2, 100, false)]
    [InlineData("3", 3, 3, true)]
    [InlineData("10%", 1, 2, false)] // too early to speak of a part
    [InlineData("10%", 2, 20, true)]
    [InlineData("10%", 2, 21, false)]
    [InlineData("100%", 20, 20, true)]
    [InlineData("0.1%", 0, 5000, false)]
    public void A_halt_rule_is_met_by_number_or_part(string rule, long failed, long ended, bool isMet) =>
        HaltRule.TryParse(rule)!.IsMet(failed, ended).ShouldBe(isMet);

    [ProcessTheory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("0%")]
    [InlineData("101%")]
    [InlineData("last")]
    public void An_invalid_halt_rule_is_rejected(string rule) => HaltRule.TryParse(rule).ShouldBeNull();

    [ProcessTheory]
    [InlineData("500ms", 0.5)]
    [InlineData("2s", 2.0)]
    [InlineData("1.5m", 90.0)]
    [InlineData("1h", 3600.0)]
    [InlineData("7", 7.0)]
    [InlineData("0", null)]
    [InlineData("-1s", null)]
    [InlineData("s", null)]
    public void Times_are_read_as_people_write_them(string text, double? seconds) =>
        (Units.TryParseTime(text)?.TotalSeconds).ShouldBe(seconds);

    [ProcessTheory]
    [InlineData("65536K", 65536L * 1024)]
    [InlineData("500M", 500L << 20)]
    [InlineData("2GiB", 2L << 30)]
    [InlineData("1.5T", 3L << 39)]
    [InlineData("12", 12L)]
    [InlineData("much", null)]
    [InlineData("0", null)]
    public void Sizes_are_read_as_people_write_them(string text, long? bytes) => Units.TryParseSize(text).ShouldBe(bytes);

    [ProcessTheory]
    [InlineData(0.0004, "400 µs")]
    [InlineData(0.012, "12 ms")]
    [InlineData(3.44, "3.4 s")]
    [InlineData(306, "5:06")]
    [InlineData(3723, "1:02:03")]
    public void Times_are_written_as_people_say_them(double seconds, string text) => Summary.Span(TimeSpan.FromSeconds(seconds)).ShouldBe(text);

    [ProcessFact]
    public void An_error_is_reported_with_what_caused_it()
    {
        var cause = new InvalidDataException("no such table\nand more");
        ErrorTexts.Whole(new TypeInitializationException("Db", cause)).ShouldBe(
            "The type initializer for 'Db' threw an exception. <- InvalidDataException: no such table");
        ErrorTexts.Whole(new InvalidOperationException("a", new IOException("b", cause))).ShouldBe("a <- IOException: b <- InvalidDataException: no such table");
        ErrorTexts.Whole(new InvalidOperationException("no such table: x", cause)).ShouldBe("no such table: x");
        ErrorTexts.Whole(cause).ShouldBe("no such table\nand more");
    }
}
