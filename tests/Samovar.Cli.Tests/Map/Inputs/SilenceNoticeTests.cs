using Samovar.Cli.Map.Inputs;

namespace Samovar.Cli.Tests.Map.Inputs;

public sealed class SilenceNoticeTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(1);

    private readonly ManualTimeProvider _time = new();
    private int _said;

    [ThreadFact]
    public async Task Silence_is_said_once()
    {
        await using var notice = new SilenceNotice(_time, () => _said++);
        _time.Advance(TimeSpan.FromSeconds(1));
        _said.ShouldBe(0);
        _time.Advance(s_long);
        _time.Advance(s_long);

        _said.ShouldBe(1);
    }

    [ThreadFact]
    public async Task After_an_item_or_the_end_nothing_is_said()
    {
        await using var one = new SilenceNotice(_time, () => _said++);
        one.Through([new InputItem(1, "a")]).First().Text.ShouldBe("a");
        await using var none = new SilenceNotice(_time, () => _said++);
        none.Through([]).ShouldBeEmpty();
        _time.Advance(s_long);

        _said.ShouldBe(0);
    }
}
