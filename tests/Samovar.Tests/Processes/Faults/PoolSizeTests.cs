using System.Runtime.Versioning;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Many workers, much output, executors within workers.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class PoolSizeTests
{
    [ProcessFact]
    public async Task Fifty_workers_start_work_and_end()
    {
        const int workers = 50;
        var before = await Leftovers.BeforeAsync();
        using (var release = new ProcessGate())
        {
            await using var pool = PoolUnderTest.Build(workers);
            var held = Enumerable.Range(0, workers).Select(_ => Submit(pool, release)).ToArray();
            foreach (var future in held) await future.UntilRunningAsync();
            held.Select(static f => f.Worker!.ProcessId).Distinct().Count().ShouldBe(workers);
            release.Open();
            foreach (var future in held) await future;
        }

        await before.ShouldBeNoneAsync();

        static Future Submit(ProcessExecutor pool, Gate release) => pool.Submit(() => release.Pass());
    }

    [ProcessFact]
    public async Task Tasks_that_a_released_worker_has_not_started_run_on_the_other()
    {
        const int tiny = 2000;
        var before = await Leftovers.BeforeAsync();
        using (var release = new ProcessGate())
        {
            await using var pool = PoolUnderTest.Build(workers: 2);
            foreach (var future in Ones(pool, tiny)) (await future).ShouldBe(1); // tiny ones are sent ahead from now on
            Future[] held = [Submit(pool, release), Submit(pool, release)];
            foreach (var future in held) await future.UntilRunningAsync();
            var behind = Ones(pool, 40);
            pool.Workers = 1;
            release.Open();
            foreach (var future in behind) (await future).ShouldBe(1);
            foreach (var future in held) await future;
        }

        await before.ShouldBeNoneAsync();

        static Future<int>[] Ones(ProcessExecutor pool, int count) => [.. Enumerable.Range(0, count).Select(_ => pool.Submit(static () => 1))];
        static Future Submit(ProcessExecutor pool, Gate release) => pool.Submit(() => release.Pass());
    }

    [ProcessFact]
    public async Task A_flood_of_output_loses_no_result_and_no_line()
    {
        const int lines = 20 * 1024;
        var before = await Leftovers.BeforeAsync();
        long received = 0;
        var options = PoolUnderTest.Options(workers: 1) with { OutputReceived = line => Interlocked.Add(ref received, line.Text.Length) };
        await using (var pool = new ProcessExecutor(options))
        {
            await pool.Submit(static () =>
            {
                string line = new('x', 512);
                for (int i = 0; i < lines; i++)
                {
                    Console.Out.WriteLine(line);
                    Console.Error.WriteLine(line);
                }
            });
            (await pool.Submit(static () => 1)).ShouldBe(1);
        }

        Interlocked.Read(ref received).ShouldBe(2L * lines * 512);
        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task A_pool_within_a_worker_works_and_dies_with_it()
    {
        var before = await Leftovers.BeforeAsync();
        using (var file = new TemporaryFile())
        {
            await using var pool = PoolUnderTest.Build(workers: 1);
            (await pool.Submit(static async () =>
            {
                await using var inner = PoolUnderTest.Build(workers: 2);
                return await inner.Submit(static () => 20) + await inner.Submit(static () => 1);
            })).ShouldBe(21);

            int inner = await Submit(pool);
            using var trace = new ProcessTrace(inner);
            await pool.Submit(static () => Environment.Exit(1)).EndAsync();
            trace.EndsWithin(TestTimeout.Wait).ShouldBeTrue();
        }

        await before.ShouldBeNoneAsync();

        static Future<int> Submit(ProcessExecutor pool) => pool.Submit(static async () =>
        {
            Kept.Pool = PoolUnderTest.Build(workers: 1);
            return await Kept.Pool.Submit(static () => Environment.ProcessId);
        });
    }

    private static class Kept
    {
        public static ProcessExecutor? Pool { get; set; }
    }
}
