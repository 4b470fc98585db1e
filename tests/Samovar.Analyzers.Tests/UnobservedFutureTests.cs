using Microsoft.CodeAnalysis;

namespace Samovar.Analyzers.Tests;

public sealed class UnobservedFutureTests
{
    private static Task<IReadOnlyList<Diagnostic>> Check(string body) => RuleRunner.CheckAsync(new UnobservedFutureAnalyzer(), $$"""
        class User(ProcessExecutor pool, Executor any)
        {
            Future? _kept;
            async Task Run()
            {
                await Task.Yield();
                {{body}}
                _kept?.Cancel();
            }
            static void Take(Future f) => f.Cancel();
            static Future Make() => new();
        }
        """);

    [ProcessTheory]
    [InlineData("[|pool.Submit(() => { })|];")]
    [InlineData("[|any.Submit(() => 1)|];")]
    [InlineData("[|pool?.Submit(() => 1)|];")]
    [InlineData("[|Make()|];")]
    [InlineData("[|new Future<int>()|];")]
    [InlineData("[|pool.Submit(() => 1).Named(\"one\")|];")]
    [InlineData("[|pool?.Submit(() => 1).Named(\"one\")|];")]
    [InlineData("[|await Task.FromResult(Make())|];")]
    [InlineData("new List<int>().ForEach(i => [|pool.Submit(() => i)|]);")]
    [InlineData("void Local() => [|pool.Submit(() => 1)|]; Local();")]
    public Task A_dropped_future_is_reported(string body) => Check(body);

    [ProcessTheory]
    [InlineData("await pool.Submit(() => { });")]
    [InlineData("_ = pool.Submit(() => 1);")]
    [InlineData("var kept = pool.Submit(() => 1); kept.Named(\"one\");")]
    [InlineData("_kept = pool.Submit(() => 1);")]
    [InlineData("_kept ??= pool.Submit(() => 1);")]
    [InlineData("Take(pool.Submit(() => 1));")]
    [InlineData("pool.Submit(() => 1).Cancel();")]
    [InlineData("pool?.Submit(() => 1).Cancel();")]
    [InlineData("Func<Future> make = () => pool.Submit(() => 1); Take(make());")]
    [InlineData("Future Local() => pool.Submit(() => 1); await Local();")]
    [InlineData("var all = Enumerable.Range(0, 3).Select(i => pool.Submit(() => i)).ToList(); await all[0];")]
    [InlineData("_kept?.Named(\"again\");")]
    [InlineData("await Task.WhenAll();")]
    public Task An_observed_future_is_not(string body) => Check(body);

    [ProcessFact]
    public Task Awaiting_is_offered_in_async_code() => RuleRunner.FixAsync(
        new UnobservedFutureAnalyzer(),
        new UnobservedFutureFix(),
        UnobservedFutureFix.AwaitTitle,
        """
        class User(ProcessExecutor pool)
        {
            async Task Run()
            {
                // Warm up.
                [|pool.Submit(() => 1)|]; // once
            }
        }
        """,
        """
        class User(ProcessExecutor pool)
        {
            async Task Run()
            {
                // Warm up.
                await pool.Submit(() => 1); // once
            }
        }
        """);

    [ProcessFact]
    public Task Dropping_on_purpose_is_offered() => RuleRunner.FixAsync(
        new UnobservedFutureAnalyzer(),
        new UnobservedFutureFix(),
        UnobservedFutureFix.DiscardTitle,
        """
        class User
        {
            void Run(ProcessExecutor pool, List<int> items) => items.ForEach(i => [|pool.Submit(() => i)|]);
        }
        """,
        """
        class User
        {
            void Run(ProcessExecutor pool, List<int> items) => items.ForEach(i => _ = pool.Submit(() => i));
        }
        """);

    [ProcessFact]
    public Task Awaiting_is_offered_in_a_program_without_a_Main() => RuleRunner.FixAsync(
        new UnobservedFutureAnalyzer(),
        new UnobservedFutureFix(),
        UnobservedFutureFix.AwaitTitle,
        "var pool = new ProcessExecutor();\npool.Submit(() => 1);\n",
        "var pool = new ProcessExecutor();\nawait pool.Submit(() => 1);\n");

    [ProcessTheory]
    [InlineData("class User { void Run(ProcessExecutor pool) { [|pool.Submit(() => 1)|]; } }")]
    [InlineData("class User { async Task Run(ProcessExecutor pool) { await Task.Yield(); [|pool?.Submit(() => 1)|]; } }")]
    [InlineData("class User { async Task Run(ProcessExecutor pool) { await Task.Yield(); lock (this) { [|pool.Submit(() => 1)|]; } } }")]
    [InlineData("class User { async Task Run(ProcessExecutor pool) { await Task.Yield(); Action a = () => [|pool.Submit(() => 1)|]; a(); } }")]
    public async Task Awaiting_is_not_offered_where_it_would_not_compile_or_could_be_null(string code) =>
        (await RuleRunner.FixTitlesAsync(new UnobservedFutureAnalyzer(), new UnobservedFutureFix(), code))
            .ShouldBe([UnobservedFutureFix.DiscardTitle]);

    [ProcessFact]
    public async Task Dropping_is_not_offered_where_the_underscore_is_a_variable() =>
        (await RuleRunner.FixTitlesAsync(
            new UnobservedFutureAnalyzer(),
            new UnobservedFutureFix(),
            "class User { void Run(ProcessExecutor pool, List<int> items) => items.ForEach(_ => [|pool.Submit(() => 1)|]); }"))
            .ShouldBeEmpty();
}
