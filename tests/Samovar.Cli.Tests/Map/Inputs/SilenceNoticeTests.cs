using Samovar.Cli.Map.Inputs;

namespace Samovar.Cli.Tests.Map.Inputs;

public sealed class SilenceNoticeTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(1);

    private readonly ManualTimeProvider _time = new();
    private int _said;

    [ThreadFact]
    public async Task Silence_is_reported_once()
    {
        await using var notice = new SilenceNotice(_time, () => _said++);
        notice.Begin();
        _time.Advance(TimeSpan.FromSeconds(1));
        _said.ShouldBe(0);
        _time.Advance(s_long);
        _time.Advance(s_long);

        _said.ShouldBe(1);
    }

    [ThreadFact]
    public async Task Time_in_which_nothing_is_read_is_no_silence()
    {
        await using var notice = new SilenceNotice(_time, () => _said++);
        IEnumerable<InputItem> items = notice.Through(Late());
        _time.Advance(s_long);
        notice.Begin();
        notice.Pause();
        _time.Advance(s_long);
        _said.ShouldBe(0);

        items.ShouldHaveSingleItem();
        _said.ShouldBe(1); // it took a minute to come

        IEnumerable<InputItem> Late()
        {
            _time.Advance(s_long);
            yield return new InputItem(1, "a");
        }
    }

    [ThreadFact]
    public async Task After_an_item_or_the_end_nothing_is_reported()
    {
        await using var one = new SilenceNotice(_time, () => _said++);
        one.Through([new InputItem(1, "a")]).First().Text.ShouldBe("a");
        await using var none = new SilenceNotice(_time, () => _said++);
        none.Through([]).ShouldBeEmpty();
        _time.Advance(s_long);

        _said.ShouldBe(0);
    }
}
