using Microsoft.CodeAnalysis;

namespace Samovar.Analyzers.Tests;

/// <summary>SAM0001 over variables: which are reported, with which words, and which are not.</summary>
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
}
