namespace Samovar.Tests.Tasks;

/// <summary>Several readers of one sequence.</summary>
public sealed class CompletionSequenceTests
{
    [ThreadFact]
    public async Task A_waiting_reader_gets_what_another_one_has_taken_and_returns()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 2 });
        Gate release = new();
        var late = executor.Submit(() =>
        {
            release.Pass();
            return -1;
        });
        var ended = Enumerable.Range(0, 3).Select(i => executor.Submit(() => i)).ToList();
        await Futures.WaitAsync(ended, timeout: TestTimeout.Wait);
        var sequence = Futures.AsCompleted([late, .. ended]);
        var first = sequence.GetAsyncEnumerator();
        for (int i = 0; i < 2; i++) (await first.MoveNextAsync()).ShouldBeTrue();
        var second = sequence.GetAsyncEnumerator();
        var waiting = second.MoveNextAsync().AsTask();
        waiting.IsCompleted.ShouldBeFalse("the third is in the first reader's portion");
        await first.DisposeAsync();
        (await waiting.WaitAsync(TestTimeout.Wait)).ShouldBeTrue();
        second.Current.Result.ShouldBe(2);
        sequence.Count.ShouldBe(1);
        release.Open();
        (await second.MoveNextAsync().AsTask().WaitAsync(TestTimeout.Wait)).ShouldBeTrue();
        second.Current.ShouldBeSameAs(late);
        (await second.MoveNextAsync()).ShouldBeFalse();
    }
}
