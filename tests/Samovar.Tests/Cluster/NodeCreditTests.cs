using Samovar.Cluster.Node;

namespace Samovar.Tests.Cluster;

/// <summary>How many messages a node asks for ahead.</summary>
public sealed class NodeCreditTests
{
    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(1);

    [ThreadFact]
    public void Short_tasks_raise_it_to_as_many_as_run_in_fifty_milliseconds()
    {
        var time = new ManualTimeProvider();
        var credit = new NodeCredit(workers: 2, time);
        time.Advance(s_step);

        credit.NoteTime(TimeSpan.FromMilliseconds(1)).ShouldBe(100);
        time.Advance(s_step);
        credit.NoteTime(TimeSpan.FromMicroseconds(1)).ShouldBe(NodeCredit.Most);
    }

    [ThreadFact]
    public void Long_tasks_lower_it_to_one_more_than_there_are_workers()
    {
        var time = new ManualTimeProvider();
        var credit = new NodeCredit(workers: 2, time);
        credit.NoteTime(TimeSpan.FromSeconds(1)).ShouldBeNull();
        time.Advance(s_step);
        credit.NoteTime(TimeSpan.FromMicroseconds(1)).ShouldBe(NodeCredit.Most);
        time.Advance(s_step);

        credit.NoteTime(TimeSpan.FromSeconds(1)).ShouldBe(3);
        time.Advance(s_step);
        credit.NoteTime(TimeSpan.FromSeconds(1)).ShouldBeNull();
    }

    [ThreadFact]
    public void Small_differences_and_frequent_ones_do_not_change_it()
    {
        var time = new ManualTimeProvider();
        var credit = new NodeCredit(workers: 2, time);
        time.Advance(s_step);
        credit.NoteTime(TimeSpan.FromMilliseconds(1)).ShouldBe(100);

        credit.NoteTime(TimeSpan.FromMicroseconds(1)).ShouldBeNull();
        time.Advance(s_step);
        credit.NoteTime(TimeSpan.FromMicroseconds(700)).ShouldBeNull();
        credit.NoteTime(TimeSpan.FromMicroseconds(2_000)).ShouldBeNull();
        credit.NoteTime(TimeSpan.FromMicroseconds(100)).ShouldBe(NodeCredit.Most);
    }

    [ThreadFact]
    public void Messages_with_many_tasks_lower_it()
    {
        var time = new ManualTimeProvider();
        var credit = new NodeCredit(workers: 2, time);
        for (int i = 0; i < 100; i++) credit.NoteMessage(100);
        time.Advance(s_step);

        credit.NoteTime(TimeSpan.FromMicroseconds(100)).ShouldBe(10);
    }
}
