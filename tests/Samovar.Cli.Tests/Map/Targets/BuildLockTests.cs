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
    public async Task A_folder_that_cannot_be_made_is_named()
    {
        _folder.Write("file", "");
        var error = await Should.ThrowAsync<MistakeException>(
            () => BuildLock.EnterAsync(_folder.PathOf("file/a.lock"), static () => { }, TestContext.Current.CancellationToken));

        error.Message.ShouldStartWith($"Builds cannot be kept in {_folder.PathOf("file")}: ");
    }
}
