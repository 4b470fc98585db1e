using Microsoft.CodeAnalysis;

namespace Samovar.Analyzers.Tests;

/// <summary>SAM0001 over the places of code: where a call is watched, and how work comes there.</summary>
public sealed class CapturePlacesTests
{
    private static Task<IReadOnlyList<Diagnostic>> Check(string code) =>
        RuleRunner.CheckAsync(new CaptureCannotTravelAnalyzer(), code);

    [ProcessFact]
    public Task A_program_without_a_Main_is_watched_too() => Check("""
        await using var pool = new ProcessExecutor();
        using var log = new StreamWriter("log");
        var limit = 3;
        await pool.Submit(() => Write([|log|]));
        await pool.Submit(() => limit);
        await pool.Submit(() => [|Log(1)|]);

        static void Write(TextWriter writer) => writer.Flush();
        void Log(int n) => log.Write(n);
        """);

    [ProcessFact]
    public Task Constructors_iterators_and_async_methods_are_watched_alike() => Check("""
        class User
        {
            public User(ProcessExecutor pool, Stream input) => Work = pool.Submit(() => [|input|].Length);
            public User(Stream input) : this(new ProcessExecutor().Submit(() => [|input|].Length)) { }
            public User(Future work) => Work = work;
            public Future Work { get; }
            static IEnumerable<Future> Iterate(ProcessExecutor pool, Stream input)
            {
                yield return pool.Submit(() => [|input|].Length);
            }
            static async Task<long> RunAsync(Task<ProcessExecutor> pool, Stream input) =>
                await (await pool).Submit(async () => await Task.FromResult([|input|].Length));
            long this[ProcessExecutor pool, Stream input] { get { pool.Submit(() => [|input|].Length).Cancel(); return 0; } }
            static readonly Func<ProcessExecutor, Stream, Future> s_submit = (pool, input) => pool.Submit(() => [|input|].Length);
        }
        """);

    [ProcessFact]
    public Task A_task_that_submits_to_its_own_pool_captures_the_pool() => Check("""
        class User
        {
            static void Run(ProcessExecutor pool) => pool.Submit(() => [|pool|].Submit(() => 1));
        }
        """);

    [ProcessFact]
    public async Task A_route_through_a_local_function_is_reported()
    {
        var reports = await Check("""
            class User
            {
                static void Run(ProcessExecutor pool, Stream input)
                {
                    long Length() => input.Length;
                    pool.Submit(() => [|Length()|]);
                }
            }
            """);

        reports[0].GetMessage().ShouldStartWith("Captured 'input' of type 'Stream' (through local function 'Length') cannot travel");
    }

    [ProcessFact]
    public Task Methods_that_users_add_to_a_pool_decide_for_themselves() => Check("""
        class MyPool : ProcessExecutor { public void WhenIdle(Action then) => then(); }
        static class PoolExtensions { public static void WhenBusy(this ProcessExecutor pool, Action then) => then(); }
        class User
        {
            static void Run(MyPool pool, Stream input)
            {
                pool.WhenIdle(() => input.Flush());
                pool.WhenBusy(() => input.Flush());
                pool.Submit(() => [|input|].Flush());
            }
        }
        """);

    [ProcessTheory]
    [InlineData("pool.Submit(() => stream.)")]
    [InlineData("pool.Submit(() => missing.Length, ")]
    [InlineData("pool.Submit(missing);")]
    [InlineData("pool.Submit(() => { int x = ; stream.Flush(")]
    [InlineData("pool.Nothing(() => stream);")]
    [InlineData("pool.Submit(() => Local()); long Local() => ")]
    [InlineData("var f = f; pool.Submit(f); Func<int> g = () => g(); pool.Submit(g);")]
    [InlineData("long A() => B(); long B() => A(); pool.Submit(() => A());")]
    [InlineData("new ChildProcess<int>(")]
    public async Task Unfinished_code_does_not_upset_the_rule(string body)
    {
        var code = $$"""class User { static void Run(ProcessExecutor pool, Stream stream) { {{body}} } }""";
        await RuleRunner.SurviveAsync(new CaptureCannotTravelAnalyzer(), code);
        await RuleRunner.SurviveAsync(new LostWriteAnalyzer(), code);
        await RuleRunner.SurviveAsync(new CapturedThisAnalyzer(), code);
        await RuleRunner.SurviveAsync(new UnobservedFutureAnalyzer(), code);
    }
}
