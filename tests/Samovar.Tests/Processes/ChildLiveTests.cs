using System.Runtime.Versioning;

namespace Samovar.Tests.Processes;

/// <summary>Live values in a child's function stay connected, as in a pool's task.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class ChildLiveTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [ProcessFact]
    public async Task A_token_and_progress_in_a_closure_stay_connected()
    {
        using var source = new CancellationTokenSource();
        var reported = new Reported<int>();

        var child = Start(source.Token, reported);
        await reported.FirstAsync();
        await source.CancelAsync();

        (await child.JoinAsync(Token)).ShouldBeTrue();
        reported.Values.ShouldBe([1, 2], "what was reported is there before the end");
    }

    [ProcessFact]
    public async Task A_token_that_trips_before_the_function_has_begun_is_found_tripped()
    {
        using var source = new CancellationTokenSource();

        var child = Start(source.Token, new Reported<int>());
        await source.CancelAsync();

        (await child.JoinAsync(Token)).ShouldBeTrue();
    }

    [ProcessFact]
    public async Task A_token_that_trips_after_the_end_has_no_effect_and_holds_nothing()
    {
        using var source = new CancellationTokenSource();

        await StartAtOnce(source.Token).JoinAsync(Token);
        await source.CancelAsync();

        static ChildProcess StartAtOnce(CancellationToken token) => ChildProcess.Start(() => { _ = token.CanBeCanceled; });
    }

    [ProcessFact]
    public async Task A_thousand_reports_arrive_in_order_and_a_receiver_that_throws_is_reported_in_the_output()
    {
        var output = new ChildOutput();
        var reported = new List<int>();
        var progress = new Receiver(i =>
        {
            reported.Add(i);
            if (i == 500) throw new InvalidOperationException("no room at 500");
        });

        await StartMany(progress, output).JoinAsync(Token);

        reported.ShouldBe(Enumerable.Range(0, 1000));
        output.Rest().ShouldContain(static line => line.Contains("no room at 500", StringComparison.Ordinal));
    }

    private static ChildProcess StartMany(IProgress<int> progress, ChildOutput output) => ChildProcess.Start(
        () =>
        {
            for (int i = 0; i < 1000; i++) progress.Report(i);
        },
        output.Options);

    private static ChildProcess<bool> Start(CancellationToken token, IProgress<int> progress) => ChildProcess.Start(() =>
    {
        progress.Report(1);
        token.WaitHandle.WaitOne();
        progress.Report(2);
        return token.IsCancellationRequested;
    });

    private sealed class Receiver(Action<int> receive) : IProgress<int>
    {
        public void Report(int value) => receive(value);
    }
}
