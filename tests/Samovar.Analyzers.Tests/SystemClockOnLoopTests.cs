using Microsoft.CodeAnalysis;

namespace Samovar.Analyzers.Tests;

public sealed class SystemClockOnLoopTests
{
    private static Task<IReadOnlyList<Diagnostic>> Check(string body) => RuleRunner.CheckAsync(new SystemClockOnLoopAnalyzer(), $$"""
        class User(EventLoop loop, ThreadExecutor threads)
        {
            static readonly TimeSpan Time = TimeSpan.FromSeconds(1);
            async Task Run()
            {
                await Task.Yield();
                {{body}}
            }
            static async Task Elsewhere() => await Task.Delay(Time);
            void Use() => threads.Submit(() => loop.Submit(() => { }));
        }
        """);

    [ThreadTheory]
    [InlineData("EventLoop.Run(async () => await [|Task.Delay(Time)|]);")]
    [InlineData("EventLoop.Run(async () => await [|Task.Delay(5, CancellationToken.None)|]);")]
    [InlineData("EventLoop.Run(() => [|Task.Delay(Time)|]);")]
    [InlineData("EventLoop.Run(async () => { [|Thread.Sleep(Time)|]; await Task.Yield(); });")]
    [InlineData("EventLoop.Run(async () => { using var timer = [|new PeriodicTimer(Time)|]; await timer.WaitForNextTickAsync(); });")]
    [InlineData("EventLoop.Run(async () => { using var source = [|new CancellationTokenSource(Time)|]; await Task.Yield(); });")]
    [InlineData("EventLoop.Run(async () => await [|Task.CompletedTask.WaitAsync(Time)|]);")]
    [InlineData("await TaskGroup.RunAsync(async group => { group.Run(async () => await [|Task.Delay(Time)|]); await Task.Yield(); });")]
    [InlineData("await CancelScope.FailAfterAsync(Time, async _ => await [|Task.Delay(Time)|]);")]
    [InlineData("_ = loop.Submit(async () => await [|Task.Delay(Time)|]);")]
    [InlineData("EventLoop.Run(Outer); async Task Outer() => await Inner(); async Task Inner() => await [|Task.Delay(Time)|];")]
    [InlineData("EventLoop.Run(() => Again(3)); async Task Again(int left) { await [|Task.Delay(Time)|]; if (left > 0) await Again(left - 1); }")]
    public Task Waiting_by_the_system_s_clock_on_a_loop_is_reported_once(string body) => Check(body);

    [ThreadTheory]
    [InlineData("EventLoop.Run(async () => await EventLoop.SleepAsync(Time));")]
    [InlineData("EventLoop.Run(async () => await Task.Delay(Time, EventLoop.Current!.Time));")]
    [InlineData("EventLoop.Run(async () => { using var timer = new PeriodicTimer(Time, EventLoop.Current!.Time); await timer.WaitForNextTickAsync(); });")]
    [InlineData("EventLoop.Run(async () => { using var source = new CancellationTokenSource(); await Task.Yield(); });")]
    [InlineData("EventLoop.Run(async () => await Task.CompletedTask.WaitAsync(CancellationToken.None));")]
    [InlineData("EventLoop.Run(async () => await Task.CompletedTask.WaitAsync(Time, EventLoop.Current!.Time));")]
    [InlineData("await Task.Delay(Time);")]
    [InlineData("_ = threads.Submit(async () => await Task.Delay(Time));")]
    [InlineData("EventLoop.Run(async () => await EventLoop.RunOnAsync(threads, () => { Thread.Sleep(5); return 1; }));")]
    [InlineData("EventLoop.Run(async () => await Task.Run(() => Thread.Sleep(5)));")]
    [InlineData("EventLoop.Run(async () => { await threads.Submit(() => Task.Delay(Time)); });")]
    [InlineData("await Unused(); async Task Unused() => await Task.Delay(Time);")]
    [InlineData("EventLoop.Run(() => Elsewhere());")]
    [InlineData("EventLoop.Run(async () => { await Task.Run(Block); void Block() => Thread.Sleep(5); });")]
    [InlineData("EventLoop.Run(async () => await Task.Delay(Timeout.Infinite, CancellationToken.None));")]
    [InlineData("EventLoop.Run(async () => await Task.Delay(Timeout.InfiniteTimeSpan, CancellationToken.None));")]
    [InlineData("EventLoop.Run(async () => { ThreadPool.QueueUserWorkItem(_ => Thread.Sleep(5)); await Task.Yield(); });")]
    [InlineData("EventLoop.Run(async () => await Task.Factory.StartNew(() => Thread.Sleep(5), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));")]
    public Task What_obeys_the_loop_s_clock_or_is_no_code_of_a_loop_is_not(string body) => Check(body);
}
