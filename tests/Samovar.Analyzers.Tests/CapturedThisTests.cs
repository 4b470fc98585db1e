using Microsoft.CodeAnalysis;

namespace Samovar.Analyzers.Tests;

public sealed class CapturedThisTests
{
    private static Task<IReadOnlyList<Diagnostic>> Check(string statement) => RuleRunner.CheckAsync(new CapturedThisAnalyzer(), Code(statement));

    private static string Code(string statement) => $$"""
        class Base { protected int Shared; }
        class User(ProcessExecutor pool, int start) : Base
        {
            private readonly int _limit = 3;
            private readonly List<int> _items = [];
            private int _count;
            private static int s_total;
            public int Size { get; set; }
            public int this[int i] => i;
            event Action? Done;
            void Run()
            {
                {{statement}}
                Done?.Invoke();
                _count = start + s_total;
            }
            int Work() => _count;
            static int Pure(int n) => n;
        }
        """;

    [ProcessTheory]
    [InlineData("pool.Submit(() => Pure([|_limit|]));", "'_limit'")]
    [InlineData("pool.Submit(() => [|this._limit|] + _limit);", "'_limit'")]
    [InlineData("pool.Submit(() => [|Size|] + _limit);", "'Size', '_limit'")]
    [InlineData("pool.Submit(() => [|_items|].Count);", "'_items'")]
    [InlineData("pool.Submit(() => [|_items|]?.Count);", "'_items'")]
    [InlineData("pool.Submit(() => [|Shared|]);", "'Shared'")]
    [InlineData("pool.Submit(() => [|base.Shared|]);", "'Shared'")]
    [InlineData("pool.Submit(() => [|start|] + 1);", "'start'")]
    [InlineData("pool.Submit(() => [|_limit|] + Size + start + _items.Count + Shared);", "'_limit', 'Size', 'start' and 2 more")]
    [InlineData("pool.Map(new[] { 1 }, n => n + [|_limit|]);", "'_limit'")]
    [InlineData("pool.Submit(() => new[] { 1 }.Select(n => n + [|_limit|]).Sum());", "'_limit'")]
    public async Task A_this_that_locals_could_replace_is_a_warning(string statement, string members)
    {
        var reports = await Check(statement);

        reports[0].Severity.ShouldBe(DiagnosticSeverity.Warning);
        reports[0].GetMessage().ShouldBe($"Captured 'this' ships the whole 'User' because of {members}; copy the needed values to locals before the call");
    }

    [ProcessTheory]
    [InlineData("pool.Submit(() => [|Work|]());", "'Work'")]
    [InlineData("pool.Submit(() => [|this|].Work());", "'Work'")]
    [InlineData("pool.Submit([|Work|]);", "'Work'")]
    [InlineData("pool.Submit(() => GC.KeepAlive([|this|]));", "'this'")]
    [InlineData("pool.Submit(() => [|this[1]|]);", "'this[]'")]
    [InlineData("pool.Submit(() => { [|_count|]++; });", "'_count'")]
    [InlineData("int Local() => _limit; pool.Submit(() => [|Local()|]);", "'_limit'")]
    [InlineData("pool.Submit(() => [|_limit|] + Work());", "'_limit', 'Work'")]
    public async Task A_this_that_is_needed_is_a_suggestion(string statement, string members)
    {
        var reports = await Check(statement);

        reports[0].Severity.ShouldBe(DiagnosticSeverity.Info);
        reports[0].GetMessage().ShouldContain($"because of {members}; make the called methods static");
    }

    [ProcessTheory]
    [InlineData("var limit = _limit; pool.Submit(() => Pure(limit));")]
    [InlineData("pool.Submit(() => s_total);")]
    [InlineData("pool.Submit(() => Pure(1));")]
    [InlineData("pool.Submit(() => nameof(_limit));")]
    [InlineData("pool.Submit(() => new User(new(), 1) { Size = 2 }.Size);")]
    [InlineData("pool.Submit(_items.Clear);")]
    [InlineData("new ThreadExecutor().Submit(() => _limit);")]
    [InlineData("Action outer = () => { _count++; pool.Submit(() => 1); };")]
    [InlineData("pool.Submit(() => { int Local() => 1; return Local(); });")]
    [InlineData("static int Local() => 1; pool.Submit(Local);")]
    [InlineData("int Local() => 1; pool.Submit(Local);")]
    [InlineData("pool.Submit(() => new[] { (1, 2) }.Select(p => p.Item1).Sum());")]
    public Task A_lambda_that_does_not_touch_this_is_not_reported(string statement) => Check(statement);

    [ProcessFact]
    public Task A_parameter_in_an_initializer_is_no_captured_this() => RuleRunner.CheckAsync(new CapturedThisAnalyzer(), """
        class Base(Future<int> work) { public Future<int> Work => work; }
        class User(ProcessExecutor pool, int start) : Base(pool.Submit(() => start))
        {
            public Future<int> Early { get; } = pool.Submit(() => start);
        }
        """);

    [ProcessFact]
    public Task Members_are_copied_before_the_call() => Fix(
        "await Pool.Submit(() => Pure([|_limit|]) + this.Size + _limit);",
        """
        var limit = _limit;
        var size = this.Size;
        await Pool.Submit(() => Pure(limit) + size + limit);
        """);

    [ProcessFact]
    public Task A_comment_stays_above_the_copies() => Fix(
        """
        // Count them.
        var n = await Pool.Submit(() => [|_limit|]); // all
        GC.KeepAlive(n);
        """,
        """
        // Count them.
        var limit = _limit;
        var n = await Pool.Submit(() => limit); // all
        GC.KeepAlive(n);
        """);

    [ProcessFact]
    public Task A_name_that_is_taken_is_not_used_again() => Fix(
        """
        int limit = 1;
        await Pool.Submit(() => [|_limit|] + limit + count);
        """,
        """
        int limit = 1;
        var limitCopy = _limit;
        var countCopy = count;
        await Pool.Submit(() => limitCopy + limit + countCopy);
        """);

    [ProcessFact]
    public Task The_source_of_a_loop_is_a_call_like_any_other() => Fix(
        """
        await foreach (var n in Pool.Map(new[] { 1 }, n => n + [|_limit|]))
            GC.KeepAlive(n);
        """,
        """
        var limit = _limit;
        await foreach (var n in Pool.Map(new[] { 1 }, n => n + limit))
            GC.KeepAlive(n);
        """);

    [ProcessTheory]
    [InlineData("async Task Run() => await Pool.Submit(() => [|_limit|]);", "async Task Run()", "await Pool.Submit(() => limit);")]
    [InlineData("void Run() => Pool.Submit(() => [|_limit|]).Cancel();", "void Run()", "Pool.Submit(() => limit).Cancel();")]
    [InlineData("Future<int> Run() => Pool.Submit(() => [|_limit|]);", "Future<int> Run()", "return Pool.Submit(() => limit);")]
    [InlineData("async Task<int> Run() =>\n        await Pool.Submit(() => [|_limit|]);", "async Task<int> Run()", "return await Pool.Submit(() => limit);")]
    public Task A_method_with_an_expression_gets_a_block(string before, string head, string statement)
    {
        return RuleRunner.FixAsync(new CapturedThisAnalyzer(), new CopyToLocalsFix(), CopyToLocalsFix.Title, Whole(before), Whole($$"""
            {{head}}
                {
                    var limit = _limit;
                    {{statement}}
                }
            """));

        static string Whole(string method) => $$"""
            class User
            {
                private static readonly ProcessExecutor Pool = new();
                private readonly int _limit = 3;

                // Counts.
                {{method}} // once

                int Other() => 1;
            }
            """;
    }

    [ProcessTheory]
    [InlineData("pool.Submit(() => [|Work|]());")]
    [InlineData("if (start > 0) pool.Submit(() => [|_limit|]);")]
    [InlineData("while (pool.Submit(() => [|_limit|]).Cancel()) { }")]
    [InlineData("Func<Future> later = () => pool.Submit(() => [|_limit|]); later().Cancel();")]
    [InlineData("pool.Submit([|Work|]);")]
    public async Task No_fix_is_offered_where_a_copy_would_change_the_program(string statement) =>
        (await RuleRunner.FixTitlesAsync(new CapturedThisAnalyzer(), new CopyToLocalsFix(), Code(statement))).ShouldBeEmpty();

    private static Task Fix(string before, string after)
    {
        return RuleRunner.FixAsync(new CapturedThisAnalyzer(), new CopyToLocalsFix(), CopyToLocalsFix.Title, Whole(before), Whole(after));

        static string Whole(string body) => $$"""
            class User
            {
                private static readonly ProcessExecutor Pool = new();
                private int _limit = 3, count = 1;
                public int Size { get; set; }
                async Task Run()
                {
                    {{string.Join("\n        ", body.Split('\n'))}}
                }
                void Set() => _limit = count++;
                static int Pure(int n) => n;
            }
            """;
    }
}
