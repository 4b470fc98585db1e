using Microsoft.CodeAnalysis;

namespace Samovar.Analyzers.Tests;

/// <summary>SAM0001 over objects: what a captured one holds cannot travel.</summary>
public sealed class CapturedObjectTests
{
    private static Task<IReadOnlyList<Diagnostic>> Check(string code) =>
        RuleRunner.CheckAsync(new CaptureCannotTravelAnalyzer(), code);

    [ProcessFact]
    public async Task A_field_used_through_this_is_an_error_that_names_the_field()
    {
        var reports = await Check("""
            class User(ProcessExecutor pool)
            {
                private readonly StreamReader _reader = new("a");
                public Stream Auto { get; } = File.OpenRead("a");
                public Stream Computed => File.OpenRead("a");
                void Run()
                {
                    pool.Submit(() => [|_reader|].ReadLine());
                    pool.Submit(() => [|this.Auto|].Length);
                    pool.Submit([|_reader|].ReadLine);
                }
            }
            """);

        reports[0].GetMessage().ShouldStartWith("Captured 'this._reader' of type 'StreamReader' cannot travel");
        reports[1].GetMessage().ShouldStartWith("Captured 'this.Auto' of type 'Stream' cannot travel");
        reports[2].GetMessage().ShouldStartWith("Captured '_reader' of type 'StreamReader' cannot travel");
        reports.ShouldAllBe(r => r.Severity == DiagnosticSeverity.Error);
    }

    [ProcessFact]
    public async Task A_captured_this_is_warned_of_with_the_member_that_it_holds()
    {
        var reports = await Check("""
            class Base { protected readonly Stream _log = File.OpenRead("a"); }
            class User : Base
            {
                private readonly int _limit = 3;
                void Run(ProcessExecutor pool)
                {
                    pool.Submit(() => [|_limit|]);
                    pool.Submit(() => [|Work|]());
                    pool.Submit([|Work|]);
                }
                int Work() => _limit;
            }
            """);

        reports.ShouldAllBe(r => r.Severity == DiagnosticSeverity.Warning);
        reports.ShouldAllBe(r => r.GetMessage().StartsWith("Captured 'this' holds 'this._log' of type 'Stream', which cannot travel"));
    }

    [ProcessFact]
    public Task A_computed_property_is_computed_there_and_so_is_not_reported() => Check("""
        class User
        {
            public Stream Computed => File.OpenRead("a");
            void Run(ProcessExecutor pool) => pool.Submit(() => Computed.Length);
        }
        """);

    [ProcessFact]
    public async Task A_captured_object_is_warned_of_with_the_path_to_what_it_holds()
    {
        var reports = await Check("""
            record Source(string Path) { public Stream? Open; }
            class Job { public Source[] Sources = []; public Job? Parent; public Action<Stream>? Then; }
            class User
            {
                static void Run(ProcessExecutor pool, Job job) => pool.Submit(() => [|job|].Sources.Length);
            }
            """);

        reports[0].Severity.ShouldBe(DiagnosticSeverity.Warning);
        reports[0].GetMessage().ShouldStartWith("Captured 'job' holds 'job.Sources[].Open' of type 'Stream', which cannot travel");
    }

    [ProcessFact]
    public Task Objects_without_such_fields_are_not_reported() => Check("""
        class Node { public Node? Next; public static Stream? Shared; public Action<Stream>? Then; public IProgress<Task>? Progress; }
        record struct Point(int X, int Y);
        class User
        {
            static void Run(ProcessExecutor pool, Node node, Point point, Node[] nodes) =>
                pool.Submit(() => node.Next is null ? point.X : nodes.Length);
        }
        """);

    [ProcessFact]
    public Task A_type_with_a_codec_of_its_own_is_not_reported() => Check("""
        [Samovar.Serialization.ShipWith(typeof(object))]
        class Log : MemoryStream;
        class Errors : Log;
        class User
        {
            static void Run(ProcessExecutor pool, Log log, Errors errors) => pool.Submit(() => log.Length + errors.Length);
        }
        """);

    [ProcessFact]
    public async Task A_parameter_of_a_primary_constructor_is_a_member_of_this()
    {
        var reports = await Check("""
            class User(ProcessExecutor pool, Stream input)
            {
                private readonly Future<long> _early = pool.Submit(() => [|input|].Length);
                void Run() => pool.Submit(() => [|input|].Length);
            }
            """);

        reports.ShouldAllBe(r => r.GetMessage().StartsWith("Captured 'input' of type 'Stream' cannot travel"));
    }

    [ProcessFact]
    public async Task A_parameter_that_the_object_keeps_goes_with_this()
    {
        var reports = await Check("""
            class Service(ProcessExecutor pool, Stream unused, Stream early)
            {
                private readonly int _limit = 3;
                private readonly long _length = early.Length;
                public long Early { get; } = early.Length;
                public long Length => _length;
                void Run() => pool.Submit(() => [|_limit|]);
            }
            record Job(ProcessExecutor Pool, int Limit)
            {
                void Run() => Pool.Submit(() => [|Limit|]);
            }
            class Careful(ProcessExecutor pool)
            {
                private readonly int _limit = 3;
                private readonly bool _warm = pool.Submit(() => 1).Cancel();
                void Run(ProcessExecutor pool) => pool.Submit(() => _limit);
            }
            """);

        reports[0].GetMessage().ShouldStartWith("Captured 'this' holds 'this.pool' of type 'ProcessExecutor', which cannot travel");
        reports[1].GetMessage().ShouldStartWith("Captured 'this' holds 'this.Pool' of type 'ProcessExecutor', which cannot travel");
    }
}
