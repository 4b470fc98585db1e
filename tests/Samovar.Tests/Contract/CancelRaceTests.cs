using System.Runtime.Versioning;
using Samovar.Stress.Races;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Contract;

/// <summary>Cancelled means that it did not happen, for every operation that can be cancelled and can succeed. `Samovar.Stress races` runs more
/// rounds of the same.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class CancelRaceTests
{
    private const int Rounds = 150;

    private static readonly CancelRace[] s_all = [.. QueueRaces.All, .. LockRaces.All, .. ExecutorRaces.All];

    public static TheoryData<string> Operations => [.. s_all.Select(static race => race.Name)];

    [ThreadTheory]
    [MemberData(nameof(Operations))]
    public async Task What_was_cancelled_did_not_happen(string operation)
    {
        using var track = new RaceTrack();
        var count = await track.RunAsync(s_all.Single(race => race.Name == operation), Rounds, seed: 1);
        count.Broken.ShouldBeEmpty();
        count.Canceled.ShouldBeGreaterThan(0);
        count.Succeeded.ShouldBeGreaterThan(0);
    }
}
