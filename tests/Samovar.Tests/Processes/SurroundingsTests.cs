using System.Runtime.Versioning;
using Samovar.Tests.Child;

namespace Samovar.Tests.Processes;

/// <summary>Directory and environment of a pool's workers: those of the moment at which the pool was made, for all of them.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class SurroundingsTests
{
    private const string Variable = "SAMOVAR_TEST_SURROUNDINGS";

    [ProcessFact]
    public async Task A_worker_that_replaces_another_has_the_same_environment()
    {
        Environment.SetEnvironmentVariable(Variable, "first");
        try
        {
            await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { MaxTasksPerWorker = 1 });
            (await pool.Submit(Read)).ShouldBe("first");
            Environment.SetEnvironmentVariable(Variable, "second");
            (await pool.Submit(Read)).ShouldBe("first");
            (await ChildProcess.Start(Read, new() { Output = WorkerOutput.Discard }).JoinAsync(TestContext.Current.CancellationToken)).ShouldBe("second");
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
        }

        static string? Read() => Environment.GetEnvironmentVariable(Variable);
    }

    [ProcessFact]
    public async Task A_worker_that_replaces_another_starts_in_the_same_directory_and_one_that_is_gone_is_named()
    {
        // In a process of its own: the current directory is one for all tests.
        string[] seen = await ChildProcess.Start(InSeveralPlaces, new() { Output = WorkerOutput.Discard }).JoinAsync(TestContext.Current.CancellationToken);
        string home = seen[0];
        string other = seen[1];
        seen[2].ShouldBe(home);
        seen[3].ShouldBe(home, "the program has gone elsewhere");
        seen[4].ShouldBe(home, "where the program is now was deleted");
        seen[5].ShouldContain($"{other} (deleted), does not exist any more");
        seen[6].Split('\n')[0].ShouldContain($"does not exist: {home}");
    }

    [ProcessFact]
    public async Task What_a_worker_is_started_without_is_there_for_the_programs_that_it_starts()
    {
        string[] seen = await ChildProcess.Start(
            InAWorkerOfThis,
            new()
            {
                Output = WorkerOutput.Discard,
                Environment = new Dictionary<string, string?> { ["DOTNET_gcServer"] = "0", ["MSBUILDNODECOUNT"] = "3", ["COR_PROFILER"] = "none", ["DOTNET_TieredPGO"] = null },
            }).JoinAsync(TestContext.Current.CancellationToken);
        seen.ShouldBe(["0", "3", "none", ""]);

        static string[] InAWorkerOfThis()
        {
            var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { ServerGarbageCollection = true });
            string[] seen = pool.Submit(static () => Array.ConvertAll(
                (string[])["DOTNET_gcServer", "MSBUILDNODECOUNT", "COR_PROFILER", "DOTNET_TieredPGO"], static name => Environment.GetEnvironmentVariable(name) ?? "")).Result;
            pool.DisposeAsync().AsTask().GetAwaiter().GetResult();
            return seen;
        }
    }

    private static string[] InSeveralPlaces()
    {
        var home = Directory.CreateTempSubdirectory("samovar-home");
        var other = Directory.CreateTempSubdirectory("samovar-other");
        List<string> seen = [home.FullName, other.FullName];
        var options = PoolUnderTest.Options(workers: 1) with { MaxTasksPerWorker = 1, TimeProvider = new HastyTime() };
        Directory.SetCurrentDirectory(home.FullName);
        var pool = new ProcessExecutor(options);
        seen.Add(pool.Submit(Here).Result);
        Directory.SetCurrentDirectory(other.FullName);
        seen.Add(pool.Submit(Here).Result);
        other.Delete();
        seen.Add(pool.Submit(Here).Result);
        seen.Add(ErrorOf<DirectoryNotFoundException>(() => new ProcessExecutor(options)));
        Directory.SetCurrentDirectory("/");
        home.Delete();
        seen.Add(ErrorOf<WorkerStartException>(() => pool.Submit(Here).Result));
        pool.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return [.. seen];

        static string Here() => Environment.CurrentDirectory;
    }

    private static string ErrorOf<T>(Func<object> call)
        where T : Exception
    {
        try
        {
            return $"no error: {call()}";
        }
        catch (T error)
        {
            return error.Message; // returned to the test
        }
    }
}
