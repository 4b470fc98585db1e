using Samovar.Cluster.Node;

namespace Samovar.Tests.Cluster;

/// <summary>How many messages a node asks for ahead.</summary>
public sealed class NodeCreditTests
{
    private readonly ManualTimeProvider _time = new();

    [ThreadFact]
    public void Short_tasks_raise_it_to_as_many_as_are_completed_in_fifty_milliseconds()
    {
        var credit = Start();
        Run(credit, tasks: 200, milliseconds: 0.5).ShouldBe(100);
        Run(credit, tasks: 10_000, milliseconds: 0.01).ShouldBe(NodeCredit.Most);
    }

    [ThreadFact]
    public void Long_tasks_lower_it_to_one_more_than_there_are_workers()
    {
        var credit = Start();
        Run(credit, tasks: 1, milliseconds: 1_000).ShouldBeNull();
        Run(credit, tasks: 1_000, milliseconds: 0.1).ShouldBe(NodeCredit.Most);

        Run(credit, tasks: 1, milliseconds: 1_000).ShouldBe(3);
        Run(credit, tasks: 1, milliseconds: 1_000).ShouldBeNull();
    }

    [ThreadFact]
    public void Small_differences_do_not_change_it()
    {
        var credit = Start();
        Run(credit, tasks: 200, milliseconds: 0.5).ShouldBe(100);

        Run(credit, tasks: 3_000, milliseconds: 0.35).ShouldBeNull();
        Run(credit, tasks: 3_000, milliseconds: 1).ShouldBeNull();
    }

    [ThreadFact]
    public void A_task_that_is_long_once_does_not_lower_it()
    {
        var credit = Start();
        Run(credit, tasks: 200, milliseconds: 0.5).ShouldBe(100);

        for (int i = 0; i < 20; i++)
        {
            Run(credit, tasks: 1, milliseconds: 200).ShouldBeNull();
            Run(credit, tasks: 200, milliseconds: 0.5).ShouldBeNull();
        }
    }

    [ThreadFact]
    public void The_time_without_tasks_does_not_count()
    {
        var credit = Start();
        Run(credit, tasks: 200, milliseconds: 0.5).ShouldBe(100);

        credit.NoteCompleted(isLast: true).ShouldBeNull();
        for (int i = 0; i < 400; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            credit.NoteMessage(1);
            _time.Advance(TimeSpan.FromMilliseconds(0.5));
            credit.NoteCompleted(isLast: true).ShouldBeNull();
        }
    }

    [ThreadFact]
    public void The_time_after_the_last_task_was_dropped_does_not_count()
    {
        var credit = Start();
        Run(credit, tasks: 200, milliseconds: 0.5).ShouldBe(100);

        credit.NoteIdle();
        _time.Advance(TimeSpan.FromMinutes(1));
        credit.NoteMessage(1);
        Run(credit, tasks: 200, milliseconds: 0.5).ShouldBeNull();
    }

    [ThreadFact]
    public void Messages_with_many_tasks_lower_it()
    {
        var credit = Start();
        for (int i = 0; i < 100; i++) credit.NoteMessage(100);

        Run(credit, tasks: 2_000, milliseconds: 0.05).ShouldBe(10);
    }

    private NodeCredit Start()
    {
        var credit = new NodeCredit(workers: 2, _time);
        credit.NoteMessage(1);
        return credit;
    }

    /// <summary>Lets tasks end one after the other, with others left after the last.</summary>
    /// <returns>The last change.</returns>
    private int? Run(NodeCredit credit, int tasks, double milliseconds)
    {
        int? changed = null;
        for (int i = 0; i < tasks; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
            changed = credit.NoteCompleted(isLast: false) ?? changed;
        }

        return changed;
    }
}
