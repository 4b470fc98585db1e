using Samovar.Serialization;

namespace Samovar.Cache.Tests;

/// <summary>What a cached function computes and what it does not, over a cache in memory.</summary>
public sealed class CachedFunctionTests
{
    private static int s_runs;

    private readonly MemoryResultCache _cache = new();

    [ThreadFact]
    public async Task An_equal_argument_is_computed_once()
    {
        await using var executor = new ThreadExecutor();
        int runs = 0;
        var twice = executor.Cached<int[], int>("twice", numbers => { Interlocked.Increment(ref s_runs); return numbers.Sum() * 2; }, _cache);
        int before = Volatile.Read(ref s_runs);
        (await twice.CallAsync([1, 2])).ShouldBe(6);
        (await twice.CallAsync([1, 2])).ShouldBe(6);
        (await twice.CallAsync([1, 3])).ShouldBe(8);
        runs += Volatile.Read(ref s_runs) - before;
        runs.ShouldBe(2);
        _cache.GetStatistics().ShouldBe(new ResultCacheStatistics { Hits = 1, Misses = 2 });
        executor.GetStatistics().Submitted.ShouldBe(2);
    }

    [ThreadFact]
    public async Task A_hit_needs_no_executor()
    {
        var executor = new ThreadExecutor();
        var length = executor.Cached("length", (string text) => text.Length, _cache);
        await length.CallAsync("tea");
        await executor.ShutdownAsync();
        (await length.CallAsync("tea")).ShouldBe(3);
        await Should.ThrowAsync<ObjectDisposedException>(() => length.CallAsync("cup"));
    }

    [ThreadFact]
    public async Task A_name_and_a_version_are_part_of_the_key()
    {
        await using var executor = new InlineExecutor();
        Func<int, int> work = static number => number + 1;
        await executor.Cached("one", work, _cache).CallAsync(1);
        await executor.Cached("one", work, _cache).CallAsync(1);
        _cache.Stored.Count.ShouldBe(1);
        await executor.Cached("other", work, _cache).CallAsync(1);
        await executor.Cached("one", work, _cache, new() { Version = "2" }).CallAsync(1);
        _cache.Stored.Count.ShouldBe(3);
    }

    [ThreadFact]
    public async Task The_captured_values_are_part_of_the_key_as_they_are_at_the_call()
    {
        await using var executor = new InlineExecutor();
        int factor = 2;
        var product = executor.Cached("product", (int number) => number * factor, _cache);
        (await product.CallAsync(5)).ShouldBe(10);
        factor = 3;
        (await product.CallAsync(5)).ShouldBe(15);
        factor = 2;
        (await product.CallAsync(5)).ShouldBe(10);
        _cache.GetStatistics().Hits.ShouldBe(1);
    }

    [ThreadFact]
    public async Task A_variable_that_only_another_lambda_reads_is_not_part_of_the_key()
    {
        await using var executor = new InlineExecutor();
        string factor = "ab";
        string other = "x";
        Func<string> reads = () => other;
        var joined = executor.Cached("joined", (string text) => text + factor, _cache);
        await joined.CallAsync("-");
        other = reads() + "y";
        await joined.CallAsync("-");
        _cache.GetStatistics().Hits.ShouldBe(1);
    }

    [ThreadFact]
    public async Task A_failure_is_not_kept()
    {
        await using var executor = new ThreadExecutor();
        bool fails = true;
        var calls = new Box();
        var work = executor.Cached<int, int>("fails", number =>
        {
            calls.Count++;
            return Volatile.Read(ref s_fails) ? throw new InvalidOperationException("no tea") : number;
        }, _cache);
        Volatile.Write(ref s_fails, fails);
        (await Should.ThrowAsync<InvalidOperationException>(() => work.CallAsync(1))).Message.ShouldBe("no tea");
        _cache.Stored.ShouldBeEmpty();
        Volatile.Write(ref s_fails, false);
        (await work.CallAsync(1)).ShouldBe(1);
    }

    private static bool s_fails;

    [ThreadFact]
    public async Task Equal_calls_at_the_same_time_compute_once()
    {
        await using var executor = new ThreadExecutor();
        s_gate = new TaskCompletionSource();
        var work = executor.Cached<int, int>("slow", async number => { await s_gate.Task; return number; }, _cache);
        var first = work.CallAsync(4);
        var second = work.CallAsync(4);
        executor.GetStatistics().Submitted.ShouldBe(1);
        s_gate.SetResult();
        (await first).ShouldBe(4);
        (await second).ShouldBe(4);
        _cache.GetStatistics().ShouldBe(new ResultCacheStatistics { Misses = 2, Shared = 1 });
    }

    private static TaskCompletionSource s_gate = new();

    [ThreadFact]
    public async Task A_cancelled_call_leaves_the_computation_to_the_others_and_the_last_cancels_it()
    {
        await using var executor = new ThreadExecutor();
        var started = new TaskCompletionSource();
        s_started = started;
        var work = executor.Cached<int, int>("endless", async (number, token) =>
        {
            s_started.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return number;
        }, _cache);
        using var one = new CancellationTokenSource();
        using var other = new CancellationTokenSource();
        var first = work.CallAsync(1, one.Token);
        var second = work.CallAsync(1, other.Token);
        await started.Task.WaitAsync(TestTimeout.Wait);
        await one.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => first);
        executor.GetStatistics().Running.ShouldBe(1);
        await other.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => second);
        await executor.DrainAsync().WaitAsync(TestTimeout.Wait);
        executor.GetStatistics().Canceled.ShouldBe(1);
    }

    private static TaskCompletionSource s_started = new();

    [ThreadFact]
    public async Task A_task_may_wait_for_a_cached_call_of_its_own_executor()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        var inner = executor.Cached("inner", (int number) => number + 1, _cache);
        (await executor.Submit(() => inner.CallAsync(1)).AsTask().WaitAsync(TestTimeout.Wait)).ShouldBe(2);
    }

    [ThreadFact]
    public async Task A_cache_that_fails_does_not_fail_a_call()
    {
        await using var executor = new InlineExecutor();
        List<string> failures = [];
        _cache.Failed += failure => failures.Add(failure.Message);
        _cache.Fails = true;
        (await executor.Cached("length", (string text) => text.Length, _cache).CallAsync("tea")).ShouldBe(3);
        failures.Count.ShouldBe(2);
        failures[1].ShouldBe("A result of 'length' could not be stored: no room");
    }

    [ThreadFact]
    public async Task A_cache_without_memory_never_keeps_a_result_from_its_callers()
    {
        await using var executor = new ThreadExecutor();
        _cache.Fails = true;
        _cache.SetError = new InsufficientMemoryException();
        var length = executor.Cached("length", (string text) => text.Length, _cache);
        (await length.CallAsync("tea").WaitAsync(TestTimeout.Wait)).ShouldBe(3);
        (await length.CallAsync("tea").WaitAsync(TestTimeout.Wait)).ShouldBe(3);
        executor.GetStatistics().Submitted.ShouldBe(2);
    }

    [ThreadFact]
    public async Task A_result_that_cannot_be_read_is_computed_again()
    {
        await using var executor = new InlineExecutor();
        var length = executor.Cached("length", (string text) => text.Length, _cache);
        await length.CallAsync("tea");
        foreach (var key in _cache.Stored.Keys) _cache.Stored[key] = [1, 2, 3];
        (await length.CallAsync("tea")).ShouldBe(3);
        _cache.GetStatistics().Failures.ShouldBe(1);
        (await length.CallAsync("tea")).ShouldBe(3);
        _cache.GetStatistics().Hits.ShouldBe(1);
    }

    [ThreadFact]
    public async Task A_result_that_cannot_travel_is_returned_and_reported()
    {
        await using var executor = new InlineExecutor();
        string? message = null;
        _cache.Failed += failure => message = failure.Message;
        var open = executor.Cached<int, Stream>("open", static _ => new BufferedStream(Stream.Null), _cache);
        (await open.CallAsync(1)).ShouldBeOfType<BufferedStream>();
        message.ShouldNotBeNull().ShouldStartWith("A result of 'open' is not stored, because it cannot be serialized: ");
    }

    [ThreadFact]
    public async Task An_argument_that_cannot_travel_has_no_key()
    {
        await using var executor = new InlineExecutor();
        var work = executor.Cached<Stream, int>("read", static stream => 1, _cache);
        await Should.ThrowAsync<UnshippableException>(() => work.CallAsync(new BufferedStream(Stream.Null)));
    }

    [ThreadFact]
    public async Task A_forgotten_result_is_computed_again()
    {
        await using var executor = new InlineExecutor();
        var length = executor.Cached("length", (string text) => text.Length, _cache);
        await length.CallAsync("tea");
        length.Forget("tea").ShouldBeTrue();
        length.Forget("tea").ShouldBeFalse();
        await length.CallAsync("tea");
        _cache.GetStatistics().Hits.ShouldBe(0);
    }

    [ThreadFact]
    public void Wrong_arguments_are_refused()
    {
        using var cache = new DiskResultCache(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()));
        var executor = new InlineExecutor();
        Should.Throw<ArgumentException>(() => executor.Cached("", (int one) => one, cache));
        Should.Throw<ArgumentNullException>(() => executor.Cached("name", (int one) => one, null!));
        Func<int, int> both = static one => one;
        both += static one => one + 1;
        Should.Throw<ArgumentException>(() => executor.Cached("both", both, cache)).Message.ShouldStartWith("The function 'both' consists of 2 delegates.");
        Should.Throw<ArgumentNullException>(() => new CachedOptions { Version = null! });
    }

    private sealed class Box
    {
        public int Count { get; set; }
    }
}
