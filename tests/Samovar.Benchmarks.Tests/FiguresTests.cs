using Samovar.Benchmarks.SideBySide;

namespace Samovar.Benchmarks.Tests;

public sealed class FiguresTests
{
    [ThreadTheory]
    [InlineData(new double[] { 3, 1, 2 }, 2)]
    [InlineData(new double[] { 4, 1, 3, 2 }, 2.5)]
    [InlineData(new double[] { 7 }, 7)]
    [InlineData(new double[] { 1, 1, 1, 1, 1000 }, 1)]
    public void The_median_is_the_middle_one_whatever_the_order_and_the_extremes(double[] values, double median) =>
        new Figures(values).Median.ShouldBe(median);

    [ThreadFact]
    public void The_spread_is_the_middle_half_s_width_as_a_share_of_the_median()
    {
        new Figures([90, 95, 100, 105, 110]).Spread.ShouldBe(0.1, 1e-9);
        new Figures([5]).Spread.ShouldBe(0);
        new Figures([0, 0]).Spread.ShouldBe(0);
    }

    [ThreadFact]
    public void A_figure_far_from_the_middle_half_is_an_outlier_and_few_figures_have_none()
    {
        new Figures([100, 101, 99, 100, 500]).Outliers.ShouldBe(1);
        new Figures([100, 101, 99, 100, 102]).Outliers.ShouldBe(0);
        new Figures([1, 1000]).Outliers.ShouldBe(0);
    }
}
