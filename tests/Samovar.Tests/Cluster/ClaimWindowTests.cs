using Samovar.Cluster.Node;

namespace Samovar.Tests.Cluster;

/// <summary>How many claims a node sends before it has the answers.</summary>
public sealed class ClaimWindowTests
{
    private readonly ManualTimeProvider _time = new();

    [ThreadFact]
    public void Answers_make_room_for_others()
    {
        var window = new ClaimWindow(_time);
        for (int number = 1; number <= ClaimWindow.Most; number++)
        {
            window.HasRoom.ShouldBeTrue();
            window.Sent(number);
        }

        window.HasRoom.ShouldBeFalse();
        window.Answered(99); // that of another member
        window.HasRoom.ShouldBeFalse();
        window.Answered(2);
        window.HasRoom.ShouldBeTrue();
    }

    [ThreadFact]
    public void A_claim_whose_answer_is_lost_does_not_count_for_long()
    {
        var window = new ClaimWindow(_time);
        for (int number = 1; number <= ClaimWindow.Most; number++) window.Sent(number);
        _time.Advance(TimeSpan.FromMilliseconds(50));
        window.HasRoom.ShouldBeFalse();

        _time.Advance(TimeSpan.FromMilliseconds(50));
        window.HasRoom.ShouldBeTrue();
    }
}
