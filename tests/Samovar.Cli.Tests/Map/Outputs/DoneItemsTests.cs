using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Outputs;

namespace Samovar.Cli.Tests.Map.Outputs;

public sealed class DoneItemsTests
{
    [ProcessFact]
    public void Files_stay_done_when_others_come_and_go()
    {
        var done = new DoneItems(byText: true);
        done.Add(1, "a");
        done.Add(2, "b");
        done.Add(3, "d");

        done.Without(Numbered("a", "b", "c", "d")).ShouldBe([new InputItem(3, "c")]);
        done.Without(Numbered("b", "d", "e")).ShouldBe([new InputItem(3, "e")]);
        done.Count.ShouldBe(3);
    }

    [ProcessFact]
    public void Texts_that_the_log_has_cut_are_distinguished_by_their_numbers()
    {
        string long1 = new string('x', JobLog.LongestInput) + "1", long2 = new string('x', JobLog.LongestInput) + "2";
        var done = new DoneItems(byText: true);
        done.Add(1, JobLog.Cut(long1).ToString());

        done.Without(Numbered(long1, long2)).ShouldBe([new InputItem(2, long2)]);
    }

    [ProcessFact]
    public void Items_known_by_number_must_be_the_same()
    {
        var done = new DoneItems(byText: false);
        done.Add(2, "b");

        done.Without(Numbered("a", "b", "c")).Select(i => i.Text).ShouldBe(["a", "c"]);
        Should.Throw<UsageException>(() => done.Without(Numbered("a", "x")).ToList()).Message.ShouldStartWith("The input has changed since the run in the job log: item 2 is now 'x'.");
    }

    private static InputItem[] Numbered(params string[] texts) => [.. texts.Select((text, i) => new InputItem(i + 1, text))];
}
