using System.Runtime.Versioning;
using Samovar.Ipc.Platform;
using Samovar.Stress.Processes;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Workers that write noise and forgeries into their own channels affect only themselves. (The stress project's
/// <c>hostile</c> runs for longer.)</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class HostileWorkerTests
{
    [ProcessTheory]
    [InlineData(Sabotage.ImpossibleLength, "length")]
    [InlineData(Sabotage.UnknownKind, "kind")]
    [InlineData(Sabotage.UnknownTag, "not valid here")]
    [InlineData(Sabotage.ShortResult, "not valid here")]
    [InlineData(Sabotage.ResultForNoTask, "slot 200")]
    [InlineData(Sabotage.ResultBeyondTheSlots, "slot -2147483648")]
    [InlineData(Sabotage.ResultForUnbegun, "not started")]
    [InlineData(Sabotage.ResultOfSharedNonsense, "is too short for the handles of")]
    [InlineData(Sabotage.BodyReadOfUnbegun, "not started")]
    [InlineData(Sabotage.LargeFromNowhere, "987654")]
    [InlineData(Sabotage.LargeBeyondMemory, "1099511627776")]
    [InlineData(Sabotage.DefinitionsOfNoise, "cannot be read")]
    public async Task A_worker_that_forges_is_killed_and_its_task_says_why(Sabotage sabotage, string why)
    {
        var before = await Leftovers.BeforeAsync();
        await using (var pool = PoolUnderTest.Build())
        {
            var error = await Should.ThrowAsync<WorkerCrashedException>(pool.Submit(() => HostileWork.Forever(sabotage)).AsTask());

            error.Message.ShouldContain("cannot be read");
            error.Message.ShouldContain(why);
            (await pool.Submit(static () => 21 + 21)).ShouldBe(42);
        }

        await before.ShouldBeNoneAsync();
    }

    [ProcessTheory]
    [InlineData(Sabotage.NextTakenBack, "was revoked")]
    [InlineData(Sabotage.NextBegun, "waits for work")]
    public async Task A_task_whose_slot_was_overwritten_ends_with_its_worker(Sabotage sabotage, string why)
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        Future<int> spoiling, spoilt;
        do
        {
            for (int i = 0; i < 50; i++) await pool.Submit(static () => 0); // so short that others are sent ahead
            spoiling = pool.Submit(() => HostileWork.OnceSentAhead(sabotage));
            spoilt = pool.Submit(static () => 1);
        }
        while (await spoiling == 0);

        var error = await Should.ThrowAsync<WorkerCrashedException>(spoilt.AsTask().WaitAsync(TestTimeout.Wait));
        error.Message.ShouldContain(why);
        (await pool.Submit(static () => 21 + 21)).ShouldBe(42);
    }

    [ProcessTheory]
    [InlineData("Linux", 1)]
    [InlineData("Linux", 2)]
    [InlineData("Portable", 3)]
    public async Task Honest_work_next_to_hostile_work_completes_as_it_should(string channel, int seed)
    {
        const int rounds = 6;
        var before = await Leftovers.BeforeAsync();
        await using (var load = new HostileLoad(Enum.Parse<ChannelKind>(channel), seed))
        {
            for (int round = 0; round < rounds; round++) (await load.RoundAsync()).ShouldBeEmpty();
        }

        await before.ShouldBeNoneAsync();
    }
}
