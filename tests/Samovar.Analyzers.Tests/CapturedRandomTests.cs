using Microsoft.CodeAnalysis;

namespace Samovar.Analyzers.Tests;

public sealed class CapturedRandomTests
{
    private static Task<IReadOnlyList<Diagnostic>> CheckBody(string body) => RuleRunner.CheckAsync(new CapturedRandomAnalyzer(), $$"""
        class User
        {
            private readonly Random _own = new(1);
            private sealed class Mine : Random;
            private sealed class Game { public Random Random { get; } = new(1); public int Roll() => Random.Next(); }
            void Run(ProcessExecutor pool, Executor any, Random random, Mine mine, Game game)
            {
                {{body}}
            }
        }
        """);

    [ProcessTheory]
    [InlineData("pool.Submit(() => [|random|].Next());")]
    [InlineData("pool.Map(new[] { 1 }, _ => [|random|].Next() + random.Next());")]
    [InlineData("pool.Submit(() => [|mine|].Next());")]
    [InlineData("var seeded = new Random(5); pool.Submit(() => [|seeded|].Next());")]
    [InlineData("int Draw() => random.Next(); pool.Submit(() => [|Draw()|]);")]
    public async Task A_captured_generator_is_an_error(string body)
    {
        var report = (await CheckBody(body)).ShouldHaveSingleItem();
        report.Severity.ShouldBe(DiagnosticSeverity.Error);
        report.GetMessage().ShouldContain("all draw the same numbers");
    }

    [ProcessFact]
    public async Task One_that_is_a_field_of_this_is_a_warning() =>
        (await CheckBody("pool.Submit(() => [|_own|].Next());")).ShouldHaveSingleItem().Severity.ShouldBe(DiagnosticSeverity.Warning);

    [ProcessTheory]
    [InlineData("any.Submit(() => random.Next());")]
    [InlineData("pool.Submit(() => Random.Shared.Next());")]
    [InlineData("var shared = Random.Shared; pool.Submit(() => shared.Next());")]
    [InlineData("pool.Map(new[] { 1 }, n => new Random(n).Next());")]
    [InlineData("pool.Map(new[] { random }, r => r.Next());")]
    [InlineData("pool.Submit(() => game.Roll());")]
    [InlineData("pool.Submit(() => { random = new Random(3); });")]
    [InlineData("var work = () => random.Next(); pool.Submit(() => 1);")]
    public async Task What_each_task_makes_or_is_given_is_not_reported(string body) => (await CheckBody(body)).ShouldBeEmpty();
}
