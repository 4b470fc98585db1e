using Samovar.Diagnostics.Recording;

namespace Samovar.Tests.Diagnostics;

/// <summary>The count of the tasks of an executor, and their numbers.</summary>
public sealed class TaskCountersTests
{
    private readonly TaskCounters _counters = new();

    [ThreadFact]
    public void A_number_is_not_used_again_when_an_admission_is_reverted()
    {
        _counters.Admit().ShouldBe(1);
        _counters.Admit().ShouldBe(2);
        _counters.Unadmit(); // that of the first task, while the second one runs

        _counters.Admit().ShouldBe(3);
        _counters.Admitted.ShouldBe(2);
        _counters.Outstanding.ShouldBe(2);
    }

    [ThreadFact]
    public void Nothing_is_outstanding_when_all_have_completed_or_were_reverted()
    {
        for (int i = 0; i < 4; i++) _counters.Admit();
        _counters.CountSuccess();
        _counters.CountFailure();
        _counters.CountCancellation();
        _counters.Outstanding.ShouldBe(1);

        _counters.Unadmit();
        _counters.Outstanding.ShouldBe(0);
        _counters.Close().ShouldBeTrue();
        _counters.Admit().ShouldBe(0);
        (_counters.Admitted, _counters.Outstanding).ShouldBe((3, 0));
    }
}
