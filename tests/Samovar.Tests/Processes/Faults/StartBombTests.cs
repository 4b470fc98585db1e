using System.Runtime.Versioning;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Programs that start workers by mistake where each worker does it again.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class StartBombTests : IDisposable
{
    private readonly TemporaryFile _started = new();

    public void Dispose() => _started.Dispose();

    [ProcessTheory]
    [InlineData("SAMOVAR_TEST_MODULE_BOMB", "exit", "the module initializer of Samovar.Tests.Child")]
    [InlineData("SAMOVAR_TEST_TYPE_BOMB", "type-bomb", "the type initializer of Samovar.Tests.Child.BombCommands+Bomb")]
    [InlineData("SAMOVAR_TEST_TYPE_BOMB", "type-bomb-at-its-end", "a type initializer|the type initializer of Samovar.Tests.Child.BombCommands+EndBomb")] // optimized or not
    public async Task An_initializer_that_uses_a_pool_is_refused_in_the_pool_s_workers(string variable, string command, string place)
    {
        string[] arguments = [ProgramRun.ChildProgram, command, .. command == "exit" ? (string[])["0"] : []];
        using var program = ProgramRun.Start("dotnet", arguments, variable: (variable, _started.Path));

        var (code, output, errors) = await program.EndAsync();

        code.ShouldBe(0, output + errors);
        place.Split('|').ShouldContain(p => output.Contains($"{p} starts workers"), output);
        File.ReadAllLines(_started.Path).Length.ShouldBeLessThanOrEqualTo(1 + 3, "the program and its workers");
    }

    [ProcessFact]
    public async Task A_program_that_runs_in_the_place_of_its_worker_starts_none()
    {
        var channel = new ChannelInvitation(ChannelKind.Linux, Environment.ProcessId, 1, 4096, 1, ChannelCookie.Random(), "");
        using var program = ProgramRun.Start(
            "dotnet", [ProgramRun.ChildProgram, "start-worker"], variable: (WorkerInvitation.Variable, new WorkerInvitation("-", channel).ToString()));

        var (code, output, _) = await program.EndAsync();

        code.ShouldBe(1);
        output.ShouldContain("failed System.InvalidOperationException: This process was started as a Samovar worker, but its own program runs");
    }

    [ProcessFact]
    public async Task Pools_nest_ten_deep_and_the_eleventh_says_so()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);

        (await pool.Submit(static () => Nest(9))).ShouldBe(10);
        var error = await Should.ThrowAsync<WorkerStartException>(pool.Submit(static () => Nest(10)).AsTask());

        error.Message.ShouldContain("is a worker 10 deep, and workers start workers at most 10 deep");
    }

    private static int Nest(int further)
    {
        if (further == 0) return CurrentWorker.Depth;
        var pool = PoolUnderTest.Build(workers: 1);
        try
        {
            return pool.Submit(() => Nest(further - 1)).Result;
        }
        finally
        {
            pool.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}
