using Microsoft.CodeAnalysis;

namespace Samovar.Analyzers.Tests;

public sealed class CaptureCannotTravelTests
{
    private static Task<IReadOnlyList<Diagnostic>> Check(string code) =>
        RuleRunner.CheckAsync(new CaptureCannotTravelAnalyzer(), code);

    private static Task<IReadOnlyList<Diagnostic>> CheckBody(string body) => Check($$"""
        class User
        {
            static void Run(ProcessExecutor pool, Executor any, FileStream stream, int number)
            {
                {{body}}
            }
            static void Use(object? o) { }
            static int Count(int n) => n;
        }
        """);

    [ProcessTheory]
    [InlineData("pool.Submit(() => Use([|stream|]));")]
    [InlineData("pool?.Submit(() => Use([|stream|]));")]
    [InlineData("pool.Submit(() => [|stream|]?.Length);")]
    [InlineData("pool.Submit(() => { Use([|stream|]); Use(stream); }, new() { Name = \"twice\" });")]
    [InlineData("pool.Submit(delegate () { Use([|stream|]); });")]
    [InlineData("pool.Submit(async () => await [|stream|].FlushAsync());")]
    [InlineData("pool.Submit(token => [|stream|].Length);")]
    [InlineData("pool.Map(new[] { 1 }, n => [|stream|].Length + n);")]
    [InlineData("pool.Map(new[] { 1 }, work: n => [|stream|].Length + n).GetAsyncEnumerator();")]
    [InlineData("pool.Submit(() => new[] { 1 }.Select(n => n + [|stream|].Length).Sum());")]
    [InlineData("pool.Submit(() => (from n in new[] { 1 } where n < [|stream|].Length select n).Count());")]
    [InlineData("pool.Submit([|stream|].Flush);")]
    [InlineData("pool.Submit(() => { [|stream|] = File.OpenRead(\"a\"); Use(stream); });")]
    [InlineData("pool.Submit(() => { Action inner = [|stream|].Flush; inner(); });")]
    [InlineData("long Length() => stream.Length; pool.Submit(() => [|Length()|]);")]
    [InlineData("long Length() => stream.Length; pool.Submit([|Length|]);")]
    [InlineData("long Length() => Outer(); long Outer() => stream.Length; pool.Submit(() => [|Length()|]);")]
    [InlineData("Func<long> work = () => [|stream|].Length; pool.Submit(work);")]
    [InlineData("pool.Race(() => Count(1), () => Use([|stream|]));")]
    [InlineData("pool.Submit(number > 0 ? (Func<long>)(() => 1L) : () => [|stream|].Length);")]
    [InlineData("pool.CreateActorAsync(() => new BinaryReader([|stream|]));")]
    [InlineData("ChildProcess.Start(() => Use([|stream|]));")]
    [InlineData("_ = new ChildProcess<long>(() => [|stream|].Length);")]
    [InlineData("ChildProcess<long> child = new(() => [|stream|].Length);")]
    [InlineData("Action nested = () => { pool.Submit(() => Use([|stream|])); };")]
    [InlineData("using var mine = File.OpenRead(\"a\"); pool.Submit(() => [|mine|].Length);")]
    [InlineData("foreach (var file in new FileStream[1]) pool.Submit(() => [|file|].Length);")]
    [InlineData("pool.Submit(new Action(() => Use([|stream|])));")]
    [InlineData("pool.Submit((Action)(() => Use([|stream|])));")]
    [InlineData("pool.Submit(work: () => Use([|stream|]), options: null);")]
    [InlineData("pool.Submit(() => Use([|stream|])).Named(\"chained\").Cancel();")]
    [InlineData("pool!.Submit(() => Use([|stream|]));")]
    [InlineData("new ProcessExecutor().Submit(() => Use([|stream|]));")]
    [InlineData("new RabbitMQExecutor().Submit(() => Use([|stream|]));")]
    [InlineData("T Get<T>(T it) => it; Get(pool).Submit(() => Use(Get([|stream|])));")]
    [InlineData("T Length<T>(T it) where T : class { Use(stream); return it; } pool.Submit(() => [|Length(\"a\")|]);")]
    [InlineData("if (any is ProcessExecutor other) other.Submit(() => Use([|stream|]));")]
    public async Task A_captured_stream_is_reported_wherever_it_leaves_for_another_process(string body) =>
        (await CheckBody(body)).ShouldAllBe(r => r.Severity == DiagnosticSeverity.Error);

    [ProcessTheory]
    [InlineData("any.Submit(() => Use(stream));")]
    [InlineData("new ThreadExecutor().Submit(() => Use(stream));")]
    [InlineData("new EventLoop().Submit(() => Use(stream));")]
    [InlineData("new InlineExecutor().Submit(() => Use(stream));")]
    [InlineData("((Executor)pool).Submit(() => Use(stream));")]
    [InlineData("pool.WorkerStarted += () => Use(stream);")]
    [InlineData("new ChildProcess().WhenEnded(() => Use(stream));")]
    [InlineData("Use(stream); pool.Submit(() => number);")]
    [InlineData("Action outer = () => { Use(stream); pool.Submit(() => number); };")]
    [InlineData("Task.Run(() => Use(stream));")]
    [InlineData("pool.Submit(static () => 1);")]
    [InlineData("pool.Submit(() => { using var own = File.OpenRead(\"a\"); return own.Length; });")]
    [InlineData("pool.Submit(() => { long Own(Stream s) => s.Length; using var own = File.OpenRead(\"a\"); return Own(own); });")]
    [InlineData("pool.Submit(() => new[] { \"a\" }.Select(n => File.OpenRead(n)).Sum(s => s.Length));")]
    [InlineData("pool.Submit(() => (from n in new[] { \"a\" } let s = File.OpenRead(n) where s.CanRead select s.Length).Sum());")]
    [InlineData("pool.Submit(() => nameof(stream));")]
    [InlineData("pool.Submit(() => typeof(FileStream).Name);")]
    [InlineData("pool.Submit(() => File.OpenRead(\"a\") is { } own ? own.Length : 0);")]
    [InlineData("static long Length(string path) => path.Length; pool.Submit(() => Length(\"a\"));")]
    [InlineData("void Local() => Use(stream); Local(); pool.Submit(() => number);")]
    [InlineData("pool.Submit(() => { int.TryParse(\"1\", out var own); return own; });")]
    [InlineData("pool.Map(new[] { stream }.Select(s => s.Length), n => n + number);")]
    [InlineData("const int Limit = 3; pool.Submit(() => Limit);")]
    [InlineData("using var source = new CancellationTokenSource(); var token = source.Token; pool.Submit(() => token.IsCancellationRequested);")]
    [InlineData("IProgress<Stream> progress = new Progress<Stream>(); pool.Submit(() => progress.Report(null!));")]
    [InlineData("var progress = new Progress<int>(); pool.Submit(() => ((IProgress<int>)progress).Report(1));")]
    [InlineData("Func<Stream> open = () => File.OpenRead(\"a\"); pool.Submit(() => open().Length);")]
    [InlineData("object hidden = stream; pool.Submit(() => Use(hidden));")]
    [InlineData("var queue = new ProcessQueue<int>(); pool.Submit(() => queue.Add(1));")]
    [InlineData("var data = (path: \"a\", limit: 3); pool.Submit(() => data.path);")]
    [InlineData("var list = new List<string>(); pool.Submit(() => list.Count);")]
    [InlineData("var work = () => Use(stream); work(); pool.Submit(() => number); Action other = () => Use(pool);")]
    [InlineData("new[] { \"a\" }.Select(f => pool.Submit(() => f.Length * number)).ToList();")]
    [InlineData("pool.Submit(() => { stream = File.OpenRead(\"a\"); });")]
    public Task What_stays_here_or_may_travel_is_not(string body) => CheckBody(body);

    [ProcessTheory]
    [InlineData("StreamReader", "open")]
    [InlineData("MemoryStream", "open")]
    [InlineData("System.Net.Sockets.Socket", "connect")]
    [InlineData("System.Net.Http.HttpClient", "create one inside the task")]
    [InlineData("System.Data.Common.DbConnection", "connection string")]
    [InlineData("System.Data.DataTable", "WriteXml")]
    [InlineData("System.Data.DataRow", "WriteXml")]
    [InlineData("Microsoft.Win32.SafeHandles.SafeFileHandle", "handle")]
    [InlineData("nint", "handle")]
    [InlineData("System.Diagnostics.Process", "handle")]
    [InlineData("System.IO.MemoryMappedFiles.MemoryMappedFile", "SharedMemory")]
    [InlineData("Task", "await it first")]
    [InlineData("Task<int>", "await it first")]
    [InlineData("ValueTask<int>", "await it first")]
    [InlineData("Future<int>", "await it first")]
    [InlineData("TaskCompletionSource<int>", "return the value")]
    [InlineData("CancellationTokenSource", "capture its Token")]
    [InlineData("Thread", "create it inside")]
    [InlineData("System.Threading.Timer", "create it inside")]
    [InlineData("SemaphoreSlim", "ProcessSemaphore")]
    [InlineData("Mutex", "ProcessLock")]
    [InlineData("Lock", "ProcessLock")]
    [InlineData("IServiceProvider", "values that the task needs")]
    [InlineData("ProcessExecutor", "submit the inner work from here")]
    [InlineData("List<Task>", "await it first")]
    [InlineData("Stream[]", "open")]
    [InlineData("Dictionary<string, Stream>", "open")]
    [InlineData("IEnumerable<Stream>", "open")]
    public async Task A_message_names_the_variable_its_type_and_the_way_out(string type, string wayOut)
    {
        var reports = await Check($$"""
            class User
            {
                static void Run(ProcessExecutor pool, {{type}} it) => pool.Submit(() => GC.KeepAlive([|it|]));
            }
            """);

        var message = reports[0].GetMessage();
        message.ShouldStartWith("Captured 'it");
        message.ShouldContain("cannot travel to another process");
        message.ShouldContain(wayOut);
        reports[0].Severity.ShouldBe(DiagnosticSeverity.Error);
    }

    [ProcessFact]
    public Task A_pointer_is_reported() => Check("""
        unsafe class User
        {
            static void Run(ProcessExecutor pool, int* first) => pool.Submit(() => *[|first|]);
        }
        """);

    [ProcessFact]
    public Task A_value_of_a_constrained_type_parameter_is_reported() => Check("""
        class User
        {
            static void Run<TPool, TStream>(TPool pool, TStream it) where TPool : ProcessExecutor where TStream : Stream =>
                pool.Submit(() => [|it|].Length);
        }
        """);

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
    public Task Of_a_token_source_the_token_is_copied() => RuleRunner.FixAsync(
        new CaptureCannotTravelAnalyzer(),
        new CopyToLocalsFix(),
        CopyToLocalsFix.Title,
        """
        class User
        {
            static async Task Run(ProcessExecutor pool, CancellationTokenSource source)
            {
                await pool.Submit(() => source.Token.IsCancellationRequested || source.Token.CanBeCanceled);
            }
        }
        """,
        """
        class User
        {
            static async Task Run(ProcessExecutor pool, CancellationTokenSource source)
            {
                var token = source.Token;
                await pool.Submit(() => token.IsCancellationRequested || token.CanBeCanceled);
            }
        }
        """);

    [ProcessTheory]
    [InlineData("pool.Submit(() => { source.Cancel(); return source.Token; }).Cancel();")]
    [InlineData("CancellationToken Token() => source.Token; pool.Submit(() => Token()).Cancel();")]
    [InlineData("pool.Submit(() => stream.Length).Cancel();")]
    public async Task No_fix_is_offered_for_what_a_local_cannot_carry(string statement) =>
        (await RuleRunner.FixTitlesAsync(new CaptureCannotTravelAnalyzer(), new CopyToLocalsFix(), $$"""
            class User { static void Run(ProcessExecutor pool, CancellationTokenSource source, Stream stream) { {{statement}} } }
            """)).ShouldBeEmpty();

    [ProcessFact]
    public async Task A_route_through_a_local_function_is_told()
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
    public Task An_actor_of_a_process_pool_is_watched_and_one_of_threads_is_not() => Check("""
        class Counter { public long Add(long n) => n; }
        class User
        {
            async Task Run(ProcessExecutor pool, ThreadExecutor threads, Stream input, Actor<Counter> given)
            {
                var far = await pool.CreateActorAsync(() => new Counter());
                var near = await threads.CreateActorAsync(() => new Counter());
                await far.CallAsync(c => c.Add([|input|].Length));
                await (await pool.CreateActorAsync(() => new Counter()).ConfigureAwait(false)).CallAsync(c => c.Add([|input|].Length));
                await near.CallAsync(c => c.Add(input.Length));
                await given.CallAsync(c => c.Add(input.Length));
            }
        }
        """);

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
