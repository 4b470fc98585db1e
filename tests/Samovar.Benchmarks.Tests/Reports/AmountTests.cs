using Samovar.Benchmarks.Reports;

namespace Samovar.Benchmarks.Tests.Reports;

public sealed class AmountTests
{
    [ProcessTheory]
    [InlineData(1_056_000, "/s", "1.06 M/s")]
    [InlineData(17_000_000, "items/s", "17 M items/s")]
    [InlineData(46_120, "/s", "46.1 k/s")]
    [InlineData(58, "/s", "58/s")]
    [InlineData(1_275_000_000, "/s", "1.28 G/s")]
    [InlineData(14.52, "µs", "14.5 µs")]
    [InlineData(0.2304, "µs", "0.23 µs")]
    [InlineData(3.36e9, "B/s", "3.36 GB/s")]
    [InlineData(12, "B/s", "12 B/s")]
    [InlineData(0.0612, "ms", "0.061 ms")]
    [InlineData(1347, "B", "1,347 B")]
    public void Figures_have_three_digits_and_rates_a_unit_of_their_size(double value, string unit, string shown) =>
        Amount.Show(value, unit).ShouldBe(shown);

    [ProcessFact]
    public void What_was_not_measured_is_a_dash()
    {
        Amount.Show(null, "/s").ShouldBe("–");
        Amount.Times(null).ShouldBe("–");
        Amount.Percent(null).ShouldBe("–");
    }
}
