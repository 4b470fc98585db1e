using Microsoft.CodeAnalysis;

namespace Samovar.Analyzers.Tests;

public sealed class LostWriteTests
{
    private static Task<IReadOnlyList<Diagnostic>> Check(string code) => RuleRunner.CheckAsync(new LostWriteAnalyzer(), code);

    private static Task<IReadOnlyList<Diagnostic>> CheckBody(string body) => Check($$"""
        class Point { public int X; public int Y { get; set; } }
        class User
        {
            static int s_total;
            static void Run(ProcessExecutor pool, int count, int[] cells, List<int> found, Point point)
            {
                {{body}}
            }
            static void Fill(out int n) => n = s_total++;
        }
        """);

    [ProcessTheory]
    [InlineData("pool.Submit(() => { [|count|] = 1; });")]
    [InlineData("pool.Submit(() => { [|count|]++; });")]
    [InlineData("pool.Submit(() => [|count|] += 2);")]
    [InlineData("pool.Submit(() => { string? name = null; ([|count|], name) = (1, \"a\"); });")]
    [InlineData("pool.Submit(() => Fill(out [|count|]));")]
    [InlineData("pool.Submit(() => { Action inner = () => [|count|]++; inner(); });")]
    [InlineData("pool.Submit(() => { Add(); void Add() => [|count|]++; });")]
    [InlineData("void Add() => count++; pool.Submit(() => [|Add()|]);")]
    [InlineData("void Add() => count++; pool.Submit([|Add|]);")]
    [InlineData("string? name = null; pool.Submit(() => { [|name|] ??= \"a\"; });")]
    [InlineData("pool.Submit(() => { var next = count + 1; [|count|] = next; });")]
    [InlineData("pool.Map(new[] { 1 }, n => [|count|] += n);")]
    public async Task A_captured_variable_that_is_given_a_value_is_reported(string body) =>
        (await CheckBody(body)).ShouldAllBe(r => r.Severity == DiagnosticSeverity.Warning);

    [ProcessTheory]
    [InlineData("pool.Submit(() => { [|cells|][0] = 1; });")]
    [InlineData("pool.Submit(() => { [|point|].X = 1; });")]
    [InlineData("pool.Submit(() => { [|point|].Y += 1; });")]
    [InlineData("pool.Submit(() => { [|found|][0]++; });")]
    [InlineData("pool.Submit(() => [|found|].Add(1));")]
    [InlineData("pool.Submit(() => { foreach (var i in new[] { 1, 2 }) [|found|].Add(i); });")]
    [InlineData("var bag = new System.Collections.Concurrent.ConcurrentBag<int>(); pool.Map(new[] { 1 }, n => { [|bag|].Add(n); return n; });")]
    [InlineData("var byName = new Dictionary<string, List<int>>(); pool.Submit(() => { [|byName|][\"a\"] = []; });")]
    public Task A_captured_object_that_is_only_changed_is_reported(string body) => CheckBody(body);

    [ProcessTheory]
    [InlineData("pool.Submit(() => count);")]
    [InlineData("pool.Submit(() => { var count2 = count; count2++; return count2; });")]
    [InlineData("pool.Submit(() => { int own = 0; Action add = () => own++; add(); return own; });")]
    [InlineData("pool.Submit(() => { int own = 0; Add(); return own; void Add() => own++; });")]
    [InlineData("count = 2; pool.Submit(() => count); count = 3;")]
    [InlineData("new ThreadExecutor().Submit(() => { count++; });")]
    [InlineData("Action outer = () => { count++; pool.Submit(() => 1); };")]
    [InlineData("pool.Submit(() => { found.Sort(); return found; });")]
    [InlineData("pool.Submit(() => { cells[0] = 1; return cells.Sum(); });")]
    [InlineData("pool.Submit(() => new HashSet<int>(found).Add(1));")]
    [InlineData("var seen = new HashSet<int>(); pool.Map(new[] { 1 }, n => seen.Add(n));")]
    [InlineData("pool.Submit(() => new Point { X = count });")]
    [InlineData("pool.Submit(() => { s_total++; });")]
    [InlineData("var shared = new SharedArray<int>(); pool.Submit(() => { shared[0] = 1; });")]
    [InlineData("var shared = new SharedArray<int>(); pool.Submit(() => { shared.Span[0] = 1; });")]
    [InlineData("var queue = new ProcessQueue<int>(); pool.Submit(() => queue.Add(1));")]
    [InlineData("pool.Submit(() => (count, 1));")]
    [InlineData("pool.Submit(() => { int own; (own, _) = (count, 1); return own; });")]
    [InlineData("var fixedList = System.Collections.Immutable.ImmutableList<int>.Empty; pool.Submit(() => fixedList.Add(1));")]
    public Task What_is_read_or_belongs_to_the_lambda_is_not(string body) => CheckBody(body);

    [ProcessFact]
    public async Task A_member_written_through_this_is_reported()
    {
        var reports = await Check("""
            class User(ProcessExecutor pool, int start)
            {
                private int _count;
                private readonly List<int> _found = [];
                public int Total { get; set; }
                void Run()
                {
                    pool.Submit(() => { [|_count|]++; });
                    pool.Submit(() => { [|this.Total|] = 1; });
                    pool.Submit(() => [|_found|].Add(1));
                    pool.Submit(() => { [|start|]++; });
                    pool.Submit(() => _count + Total + _found.Count + start);
                }
            }
            """);

        reports.Select(r => r.GetMessage().Split('\'')[1]).ShouldBe(["this._count", "this.Total", "this._found", "start"]);
    }
}
