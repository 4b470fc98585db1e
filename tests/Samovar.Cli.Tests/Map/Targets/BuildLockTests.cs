using Samovar.Cli.Map.Targets;

namespace Samovar.Cli.Tests.Map.Targets;

public sealed class BuildLockTests : IDisposable
{
    private readonly MapFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ThreadFact]
    public async Task A_second_build_says_that_it_waits_and_begins_when_the_first_has_ended()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        var waits = new TaskCompletionSource();
        IDisposable first = await BuildLock.EnterAsync(_folder.PathOf("a.lock"), static () => Assert.Fail("it is free"), stop);
        Task<IDisposable> second = BuildLock.EnterAsync(_folder.PathOf("a.lock"), waits.SetResult, stop); // a second call would throw
        await waits.Task.WaitAsync(TestTimeout.Wait, stop);
        (await BuildLock.EnterAsync(_folder.PathOf("b.lock"), static () => Assert.Fail("it is another"), stop)).Dispose();

        second.IsCompleted.ShouldBeFalse();
        first.Dispose();
        (await second.WaitAsync(TestTimeout.Wait, stop)).Dispose();
    }

    [ThreadFact]
    public async Task A_lock_that_cannot_be_made_is_named_with_a_hint_where_there_is_one()
    {
        _folder.Write("file", "");
        var error = await Should.ThrowAsync<UsageException>(
            () => BuildLock.EnterAsync(_folder.PathOf("file/a.lock"), static () => { }, TestContext.Current.CancellationToken));
        var ofTheCache = await Should.ThrowAsync<UsageException>(
            () => BuildCache.EnterAsync(_folder.PathOf("file/a.lock"), static () => { }, TestContext.Current.CancellationToken));

        error.Message.ShouldStartWith($"The lock file {_folder.PathOf("file/a.lock")} cannot be created: ");
        ofTheCache.Message.ShouldBe($"{error.Message} Set SAMOVAR_CACHE to another folder.");
    }

    [ThreadFact]
    public async Task A_lock_that_may_only_be_read_excludes_as_well()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        _folder.Write("a.lock", "");
        File.SetAttributes(_folder.PathOf("a.lock"), FileAttributes.ReadOnly);
        var waits = new TaskCompletionSource();
        IDisposable first = await BuildLock.EnterAsync(_folder.PathOf("a.lock"), static () => Assert.Fail("it is free"), stop);
        Task<IDisposable> second = BuildLock.EnterAsync(_folder.PathOf("a.lock"), waits.SetResult, stop);
        await waits.Task.WaitAsync(TestTimeout.Wait, stop);

        first.Dispose();
        (await second.WaitAsync(TestTimeout.Wait, stop)).Dispose();
        File.SetAttributes(_folder.PathOf("a.lock"), FileAttributes.Normal); // so that it can be removed everywhere
    }

    [ThreadFact]
    public void A_build_knows_the_locks_of_those_around_it()
    {
        string both = BuildLock.With(BuildLock.With(null, "/a/obj/.samovar.lock"), "/b/obj/.samovar.lock");

        BuildLock.Holds(both, "/a/obj/.samovar.lock").ShouldBeTrue();
        BuildLock.Holds(both, "/b/obj/.samovar.lock").ShouldBeTrue();
        BuildLock.Holds(both, "/obj/.samovar.lock").ShouldBeFalse();
        BuildLock.Holds(null, "/a/obj/.samovar.lock").ShouldBeFalse();
    }
}
