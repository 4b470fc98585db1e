namespace Samovar.Tests.Tasks;

public sealed class FutureStateTests
{
    [ThreadFact]
    public void Final_states_come_after_Running() =>
        Enum.GetValues<FutureState>().Where(s => s > FutureState.Running)
            .ShouldBe([FutureState.Succeeded, FutureState.Failed, FutureState.Canceled]);
}
