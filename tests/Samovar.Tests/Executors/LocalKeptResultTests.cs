namespace Samovar.Tests.Executors;

/// <summary>Kept results of executors in this process: the object itself.</summary>
public sealed class LocalKeptResultTests
{
    [ThreadFact]
    public async Task Threads_pass_the_object_itself()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 2, Name = "kitchen" });
        await CheckAsync(executor);
    }

    [ThreadFact]
    public async Task An_inline_executor_passes_the_object_itself()
    {
        await using var executor = new InlineExecutor();
        await CheckAsync(executor);
    }

    [ThreadFact]
    public async Task A_work_that_throws_or_returns_no_task_fails_its_future()
    {
        await using var executor = new ThreadExecutor();
        using var kept = await executor.SubmitKept(static () => 1);
        await Should.ThrowAsync<FormatException>(async () => await kept.Then(static int (_) => throw new FormatException()));
        await Should.ThrowAsync<FormatException>(async () => await executor.SubmitKept(static int () => throw new FormatException()));
        (await Should.ThrowAsync<InvalidOperationException>(async () => await executor.SubmitKept(static () => (Task<int>)null!))).Message.ShouldContain("returned null");
        Should.Throw<ArgumentNullException>(() => { _ = kept.Then((Func<int, int>)null!); });
        Should.Throw<ArgumentNullException>(() => { _ = executor.SubmitKept((Func<int>)null!); });
    }

    [ThreadFact]
    public async Task A_cluster_refuses_to_keep_results()
    {
        await using var executor = ClusterExecutor.InMemory();
        Should.Throw<NotSupportedException>(() => { _ = executor.SubmitKept(static () => 1); }).Message.ShouldContain("nodes of a cluster");
    }

    private static async Task CheckAsync(Executor executor)
    {
        var made = new List<int>();
        var kept = await executor.SubmitKept(() => made);
        kept.ToString().ShouldStartWith("kept on ");
        using var next = await kept.ThenKept(static list =>
        {
            list.Add(1);
            return list;
        });
        using var late = await next.ThenKept(static async list =>
        {
            await Task.Yield();
            list.Add(2);
            return list;
        });
        using var other = await executor.SubmitKept(async () =>
        {
            await Task.Yield();
            return made;
        });
        await other.Then(static list => list.Add(3));
        await other.Then(static async list =>
        {
            await Task.Yield();
            list.Add(4);
        });
        (await late.Then(static list => list.Count)).ShouldBe(4);
        (await late.Then(static async list =>
        {
            await Task.Yield();
            return list[^1];
        })).ShouldBe(4);
        (await late.Fetch()).ShouldBeSameAs(made);
        kept.Dispose();
        Should.Throw<ObjectDisposedException>(() => { _ = kept.Fetch(); });
    }
}
