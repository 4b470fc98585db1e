using Samovar.Primitives;

namespace Samovar.Tests.Primitives;

/// <summary>A counter to which many threads add.</summary>
public sealed class StripedCounterTests
{
    private StripedCounter _counter;

    [ThreadFact]
    public async Task No_addition_of_several_threads_is_lost()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => TestSupport.OnOwnThread(() =>
        {
            for (int i = 0; i < 10_000; i++) _counter.Add(3);
        })));
        _counter.Read().ShouldBe(120_000);
    }

    [ThreadFact]
    public void A_counter_begins_at_zero_and_can_be_cleared()
    {
        _counter.Read().ShouldBe(0);
        _counter.Add(5);
        _counter.Add(-2);
        _counter.Read().ShouldBe(3);
        _counter.Clear();
        _counter.Read().ShouldBe(0);
        _counter.Add(1);
        _counter.Read().ShouldBe(1);
    }
}
