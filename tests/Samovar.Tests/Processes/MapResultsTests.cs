using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Samovar.Ipc.Channel;
using Samovar.Processes.Platform;

namespace Samovar.Tests.Processes;

/// <summary>Results of a map's items where the journal, or the worker's memory, has no room for them.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed partial class MapResultsTests
{
    private const int Large = 60_000; // characters: neither the journal nor the ring has room
    private const int FileSize = 1;
    private const int FileTooLarge = 25; // SIGXFSZ, which kills a program that does not ignore it

    [ProcessFact]
    public async Task Text_that_is_null_stays_null_where_the_journal_is_full()
    {
        const int longest = (ChannelSizes.JournalLength - ItemJournalHeader.HeaderSize - ItemEntry.HeadSize) / sizeof(char);
        await using var pool = PoolUnderTest.Build(workers: 1);
        for (int left = 0; left <= 3; left++)
        {
            string text = new('x', longest - left);

            var results = await ListAsync(pool.Map([1, 2, 3, 4], n => n % 2 == 1 ? text : null, new() { BatchSize = 2 }));

            results.Select(static result => result?.Length).ShouldBe([text.Length, null, text.Length, null], $"{left * sizeof(char)} bytes are left");
        }
    }

    [ProcessFact]
    public async Task The_insights_of_a_map_have_the_starts_and_exits_of_its_worker_processes()
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1, MaxTasksPerWorker = 1 });
        var progress = new MapProgress();
        await pool.ForEachAsync([1, 2, 3], static n => { }, new() { BatchSize = 1, TotalProgress = progress });

        var workers = progress.GetInsights().Workers;
        var ran = workers.Where(static worker => worker.Items > 0).ToList();
        ran.Select(static worker => worker.Items).ShouldBe([1, 1, 1]);
        ran.ShouldAllBe(static worker => worker.Start > TimeSpan.Zero);
        ran[0].Exit.ShouldBeGreaterThan(TimeSpan.Zero);
        ran.ShouldAllBe(static worker => worker.Name.Contains('#'));
    }

    [ProcessFact]
    public async Task A_result_or_an_error_without_memory_to_send_it_costs_its_own_item()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        int worker = await pool.Submit(static () =>
        {
            _ = LinuxProcessCalls.signal(FileTooLarge, 1);
            setrlimit(FileSize, [16 * 1024, 16 * 1024]).ShouldBe(0);
            return Environment.ProcessId;
        });

        var outcomes = await ListAsync(pool.MapOutcomes(
            Enumerable.Range(0, 5),
            static n => n switch
            {
                1 or 4 => new string('x', Large),
                2 => throw new InvalidOperationException(new string('e', Large)),
                _ => $"{n}",
            },
            new() { BatchSize = 5 }));

        outcomes.Where(static o => o.IsSuccess).Select(static o => o.Value).ShouldBe(["0", "3"]);
        outcomes[1].Error.ShouldBeAssignableTo<IOException>();
        ShouldBeTheBeginning(outcomes[2].Error);
        outcomes[4].Error.ShouldBeAssignableTo<IOException>();
        ShouldBeTheBeginning(await Should.ThrowAsync<Exception>(pool.Submit(static () => { throw new InvalidOperationException(new string('e', Large)); }).AsTask()));
        (await pool.Submit(static () => Environment.ProcessId)).ShouldBe(worker, "the worker lives");

        static void ShouldBeTheBeginning(Exception? error)
        {
            var text = error.ShouldBeOfType<RemoteException>();
            text.TypeName.ShouldBe(typeof(InvalidOperationException).FullName);
            text.RemoteMessage.ShouldStartWith("eee");
            text.RemoteMessage.Length.ShouldBeInRange(100, Large - 1);
        }
    }

    private static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items) list.Add(item);
        return list;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setrlimit(int resource, ulong[] limit);
}
