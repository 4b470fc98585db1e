using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Samovar.Ipc.Platform;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Tests.Processes;

/// <summary>What a task wrote is with its future when that ends.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed partial class TaskOutputTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [ProcessTheory]
    [InlineData(ChannelKind.Linux)]
    [InlineData(ChannelKind.Portable)]
    internal async Task Each_of_many_tasks_has_what_it_wrote_and_nothing_else(ChannelKind channel)
    {
        await using var pool = new ProcessExecutor(Options(workers: 2) with { Channel = channel });

        // Tiny ones first: many of them would be sent ahead of each other, if anything were.
        foreach (var tiny in Enumerable.Range(0, 3000).Select(_ => pool.Submit(static () => { })).ToArray()) await tiny;
        var futures = Enumerable.Range(0, 300).Select(i => pool.Submit(Write(i))).ToArray();

        for (int i = 0; i < futures.Length; i++)
        {
            await futures[i];
            // Standard output and standard error are two pipes: which of two lines comes first is not known.
            if (i % 3 == 2) LinesOf(futures[i]).ShouldBe([$"to stderr {i}", $"to stdout {i} ж"]);
            else futures[i].Output.ShouldBe(i % 3 == 0 ? "" : $"tea {i}");
        }

        static Action Write(int i) => () =>
        {
            if (i % 3 == 1) Console.Write($"tea {i}");
            if (i % 3 != 2) return;
            Console.WriteLine($"to stdout {i} ж");
            Console.Error.WriteLine($"to stderr {i}");
        };
    }

    [ProcessFact]
    public async Task What_is_written_under_a_locale_of_another_encoding_arrives_whole()
    {
        var environment = new Dictionary<string, string?> { ["LC_ALL"] = "de_DE.ISO-8859-1" };
        await using var pool = new ProcessExecutor(Options(workers: 1) with { Environment = environment });

        var future = pool.Submit(static () =>
        {
            Console.Write("Grüße, ж");
            Console.Error.Write("Ärger");
        });
        await future;

        future.Output.ShouldBe("Grüße, жÄrger");
    }

    [ProcessFact]
    public async Task Native_code_s_output_is_there_too()
    {
        await using var pool = new ProcessExecutor(Options(workers: 1));

        var future = pool.Submit(static () => _ = puts("from C"));
        await future;

        future.Output.ShouldBe("from C\n");
    }

    [ProcessFact]
    public async Task A_crash_loses_nothing_of_what_was_written_and_its_error_has_the_last_lines()
    {
        await using var pool = new ProcessExecutor(Options(workers: 1));

        var future = pool.Submit(static () =>
        {
            Console.WriteLine("heating");
            Console.Error.WriteLine("no water");
            LinuxProcessCalls.kill(Environment.ProcessId, LinuxProcessCalls.SigKill);
        });
        var error = await Should.ThrowAsync<WorkerCrashedException>(future.AsTask());

        LinesOf(future).ShouldBe(["heating", "no water"]);
        error.ErrorOutput.ShouldBe("no water");
    }

    [ProcessFact]
    public async Task A_task_that_throws_or_is_tried_again_has_the_output_of_its_latest_attempt()
    {
        await using var pool = new ProcessExecutor(Options(workers: 1));

        var future = pool.Submit(
            static () =>
            {
                Console.Write($"attempt {TaskContext.Current!.Attempt}");
                throw new InvalidOperationException("cold water");
            },
            new() { Retry = new RetryPolicy { MaxAttempts = 2, Delay = TimeSpan.Zero } });
        await future.EndedAsync();

        future.Output.ShouldBe("attempt 2");
    }

    [ProcessFact]
    public async Task A_flood_of_100_MB_blocks_no_task_and_its_end_is_kept()
    {
        await using var pool = new ProcessExecutor(Options(workers: 1));
        await pool.Submit(static () => { });
        long before = GC.GetTotalMemory(forceFullCollection: true);

        var flood = pool.Submit(static () =>
        {
            using var output = Console.OpenStandardOutput();
            byte[] lines = [.. Enumerable.Repeat("0123456789abcde\n"u8.ToArray(), 4096).SelectMany(static line => line)];
            for (int i = 0; i < 1600; i++) output.Write(lines);
            output.Write("the end\n"u8);
        });
        await flood;

        flood.Output!.Length.ShouldBeLessThan(CapturedOutput.MostCharacters + 100);
        flood.Output.ShouldStartWith($"[{(1600 * 65536) + 8 - CapturedOutput.MostCharacters} characters before this were dropped]\n");
        flood.Output.ShouldEndWith("e\nthe end\n");
        (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(8 * 1024 * 1024);
        var next = pool.Submit(static () => Console.Write("quiet"));
        await next;
        next.Output.ShouldBe("quiet");
    }

    [ProcessFact]
    public async Task Lines_go_to_a_receiver_as_well_and_what_the_initializer_wrote_is_no_task_s()
    {
        var lines = System.Threading.Channels.Channel.CreateUnbounded<string>();
        await using var pool = new ProcessExecutor(Options(workers: 1) with
        {
            Initializer = static () => Console.WriteLine("ready"),
            OutputReceived = line => lines.Writer.TryWrite(line.Text),
        });

        var future = pool.Submit(static () => Console.WriteLine("working"));
        await future;

        future.Output.ShouldBe("working\n");
        (await lines.Reader.ReadAsync(Token)).ShouldBe("ready");
        (await lines.Reader.ReadAsync(Token)).ShouldBe("working");
    }

    [ProcessFact]
    public async Task Output_that_is_not_requested_is_not_captured()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        await using var threads = new ThreadExecutor(new() { Workers = 1 });
        await using var inProcess = new ProcessExecutor(Options(workers: 1) with { InProcess = true });

        foreach (var executor in (Executor[])[pool, threads, inProcess])
        {
            var future = executor.Submit(static () => 1);
            await future;
            future.Output.ShouldBeNull();
        }
    }

    [ProcessFact]
    public async Task A_worker_s_last_line_without_a_line_break_is_delivered_when_it_ends()
    {
        var lines = System.Threading.Channels.Channel.CreateUnbounded<string>();
        await using (var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { OutputReceived = line => lines.Writer.TryWrite(line.Text) }))
        {
            await pool.Submit(static () => Console.Write("no break"));
        }

        (await lines.Reader.ReadAsync(Token)).ShouldBe("no break");
    }

    [ProcessFact]
    public async Task A_child_has_its_output_when_it_has_exited()
    {
        var child = ChildProcess.Start(
            static () =>
            {
                Console.Write("half a line");
                Environment.Exit(3);
            },
            new() { Output = WorkerOutput.Capture });

        await child.JoinAsync(Token);

        child.Output.ShouldBe("half a line");
        var silent = ChildProcess.Start(static () => { });
        await silent.JoinAsync(Token);
        silent.Output.ShouldBeNull();
    }

    /// <summary>The lines that a task wrote, in the order of their characters.</summary>
    private static IEnumerable<string> LinesOf(Future future) =>
        future.Output!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);

    private static ProcessExecutorOptions Options(int workers) => PoolUnderTest.Options(workers) with { Output = WorkerOutput.Capture };

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int puts(string text);
}
