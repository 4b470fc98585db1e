namespace Samovar.Tests.Tasks;

public sealed class ResourceAmountsTests
{
    [ThreadFact]
    public void Options_take_amounts_in_an_initializer_and_compare_them_by_content()
    {
        var one = new TaskOptions { Requires = { ["gpu"] = 1, ["memory"] = 2L << 30 } };
        var other = new TaskOptions { Requires = new() { { "memory", 2L << 30 }, { "gpu", 1 } } };
        one.ShouldBe(other);
        one.GetHashCode().ShouldBe(other.GetHashCode());
        one.ShouldNotBe(new TaskOptions());
        (one with { Name = "named" }).Requires.ShouldBe(one.Requires);
        one.Requires.ToString().ShouldBe("gpu 1, memory 2147483648");
        one.Requires["gpu"].ShouldBe(1);
        one.Requires["disk"].ShouldBe(0);
        one.Requires.ShouldBe([new("gpu", 1), new("memory", 2L << 30)]);
    }

    [ThreadFact]
    public void Options_whose_empty_amounts_were_read_equal_others()
    {
        var read = new TaskOptions();
        read.Requires.Count.ShouldBe(0);
        read.ShouldBe(new TaskOptions());
        read.GetHashCode().ShouldBe(new TaskOptions().GetHashCode());
        read.Requires.ToString().ShouldBe("none");
    }

    [ThreadTheory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(0.00004)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(900e12 + 1)]
    public void An_amount_that_makes_no_sense_is_refused(double amount)
    {
        var error = Should.Throw<ArgumentOutOfRangeException>(() => new TaskOptions { Requires = { ["gpu"] = amount } });
        error.Message.ShouldStartWith("The amount of the resource 'gpu' must be from 0.0001 to 900,000,000,000,000.");
    }

    [ThreadTheory]
    [InlineData(1.0 / 3, 0.3333)]
    [InlineData(0.5, 0.5)]
    [InlineData(900e12, 900e12)]
    [InlineData(123456789012345, 123456789012345)]
    [InlineData(0.99999, 1)]
    public void Amounts_are_kept_in_ten_thousandths(double amount, double kept) => new ResourceAmounts { ["gpu"] = amount }["gpu"].ShouldBe(kept);

    [ThreadFact]
    public void A_name_that_makes_no_sense_is_refused()
    {
        foreach (string name in (string[])["", "  ", "a\tb", new string('x', 65)]) Should.Throw<ArgumentException>(() => new ResourceAmounts { [name] = 1 });
        Should.Throw<ArgumentException>(() => new ResourceAmounts { { "gpu", 1 }, { "gpu", 2 } }).Message.ShouldStartWith("The resource 'gpu' is listed already, with 1.");
    }

    [ThreadFact]
    public async Task Amounts_that_are_in_use_cannot_be_changed()
    {
        var options = new ThreadExecutorOptions { Resources = { ["gpu"] = 1 } };
        await using var executor = new ThreadExecutor(options);
        Should.Throw<InvalidOperationException>(() => options.Resources["gpu"] = 2).Message.ShouldContain("uses these amounts (gpu 1)");
        var task = new TaskOptions { Requires = { ["gpu"] = 1 } };
        await executor.Submit(static () => { }, task);
        Should.Throw<InvalidOperationException>(() => task.Requires["gpu"] = 0.5);
    }

    [ThreadFact]
    public void More_than_64_resources_are_refused()
    {
        var many = new ResourceAmounts();
        for (int i = 0; i < 65; i++) many[$"r{i}"] = 1;
        Should.Throw<ArgumentException>(() => new ThreadExecutor(new() { Name = "pool", Resources = many })).Message.ShouldStartWith("The executor 'pool' has 65 resources; at most 64 are possible.");
    }
}
