using System.Runtime.Versioning;
using System.Text;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Processes.Launch;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;
using Samovar.Tests.Child;

namespace Samovar.Tests.Processes;

/// <summary>What a worker process does, over either kind of channel.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public abstract class WorkerContract
{
    private readonly ChannelKind _kind;

    private protected WorkerContract(ChannelKind kind) => _kind = kind;

    [ProcessFact]
    public async Task A_worker_echoes_and_returns_its_exit_code()
    {
        await using TestPeer peer = await TestPeer.StartAsync(_kind);
        for (int i = 0; i < 1000; i++) BitConverter.ToInt32(peer.Ask(PeerTag.Echo, BitConverter.GetBytes(i))).ShouldBe(i);

        peer.Send(PeerTag.Return, BitConverter.GetBytes(42));
        ProcessExit exit = await peer.Process.Exited;
        exit.ExitCode.ShouldBe(42);
        exit.Signal.ShouldBeNull();
        exit.Code.ShouldBe(42);
    }

    [ProcessFact]
    public async Task Messages_larger_than_the_ring_cross_both_ways()
    {
        await using TestPeer peer = await TestPeer.StartAsync(_kind);
        for (int length = 100_000; length <= 10_000_000; length *= 10)
        {
            SharedSegment segment = peer.Channel.LargeWork.CreateSegment(length);
            Fill(segment, length);
            peer.Channel.LargeWork.TryWrite(segment, PeerTag.Echo).ShouldBeTrue();
            peer.Channel.WorkerBell.Ring();
            peer.WaitForAnswer().ShouldBeTrue();
            CheckLarge(peer, length);
        }

        peer.Channel.LargeWork.Reclaim();
        peer.Channel.LargeWork.Unread.ShouldBe(0);
    }

    [ProcessFact]
    public async Task An_item_is_either_started_by_the_worker_or_revoked_by_the_parent()
    {
        await using TestPeer peer = await TestPeer.StartAsync(_kind);
        int started = 0, revoked = 0;
        for (int i = 0; i < 3000; i++)
        {
            peer.Channel.Slots.TrySend(out ItemTicket ticket).ShouldBeTrue();
            peer.Send(PeerTag.StartItem, [.. BitConverter.GetBytes((long)ticket.Slot), .. BitConverter.GetBytes(ticket.Generation)]);
            BusyWork.Compute(i); // so that now the one, now the other is first
            bool taken = peer.Channel.Slots.TryRevoke(ticket);
            bool ran = peer.Receive()[0] == 1;
            (taken ^ ran).ShouldBeTrue();
            started += ran ? 1 : 0;
            revoked += taken ? 1 : 0;
            peer.Channel.Slots.Free(ticket).ShouldBeTrue();
        }

        (started + revoked).ShouldBe(3000);
    }

    [ProcessFact]
    public async Task A_hello_larger_than_the_smallest_ring_arrives()
    {
        WorkerStartOptions start = TestPeer.Defaults with { Channel = new ChannelSizes { WorkCapacity = 4096, ResultsCapacity = 4096, Slots = 1 } };
        await using TestPeer peer = await TestPeer.StartAsync(_kind, start);
        peer.Ask(PeerTag.Echo, [3]).ShouldBe([3]);
        peer.Channel.LargeWork.Reclaim();
        peer.Channel.LargeWork.Unread.ShouldBe(0);
    }

    [ProcessTheory]
    [InlineData(9)]
    [InlineData(11)]
    [InlineData(6)]
    public async Task An_exit_by_signal_is_reported_with_its_number(int signal)
    {
        await using TestPeer peer = await TestPeer.StartAsync(_kind);
        peer.Send(PeerTag.Signal, BitConverter.GetBytes(signal));
        ProcessExit exit = await peer.Process.Exited;
        exit.Signal.ShouldBe(signal);
        exit.ExitCode.ShouldBeNull();
        exit.Code.ShouldBe(-signal);
        exit.ToString().ShouldContain("SIG");
    }

    [ProcessFact]
    public async Task An_unhandled_exception_ends_it_by_SIGABRT_with_its_text_on_stderr()
    {
        await using TestPeer peer = await TestPeer.StartAsync(_kind);
        peer.Send(PeerTag.Throw, []);
        (await peer.Process.Exited).Signal.ShouldBe(6);
        peer.Process.Errors.ToString().ShouldContain("thrown by the peer");
    }

    [ProcessFact]
    public async Task The_last_lines_of_stderr_are_kept()
    {
        await using TestPeer peer = await TestPeer.StartAsync(_kind);
        string lines = string.Concat(Enumerable.Range(0, 50).Select(i => $"line {i}\n"));
        peer.Ask(PeerTag.WriteError, Encoding.UTF8.GetBytes(lines));
        peer.Send(PeerTag.Signal, BitConverter.GetBytes(9));
        await peer.Process.Exited;
        string[] kept = peer.Process.Errors.ToString().Split('\n');
        kept.Length.ShouldBe(OutputTail.Lines);
        kept[^1].ShouldBe("line 49");
    }

    [ProcessFact]
    public async Task A_flood_of_output_blocks_neither_worker_nor_channel()
    {
        const long bytes = 100_000_000;
        long received = 0;
        await using TestPeer peer = await TestPeer.StartAsync(_kind, TestPeer.Defaults with { Output = (_, piece) => Interlocked.Add(ref received, piece.Length) });
        peer.Ask(PeerTag.Flood, BitConverter.GetBytes(bytes));
        peer.Ask(PeerTag.Echo, [1]).ShouldBe([1]);
        peer.Send(PeerTag.Return, BitConverter.GetBytes(0));
        await peer.Process.Exited;
        Interlocked.Read(ref received).ShouldBe(bytes);
    }

    [ProcessTheory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Killing_a_worker_kills_its_children_also_those_that_left_its_group(byte leavesGroup)
    {
        await using TestPeer peer = await TestPeer.StartAsync(_kind);
        using var sleeper = new ProcessTrace(BitConverter.ToInt32(peer.Ask(PeerTag.StartSleeper, [leavesGroup])));
        peer.Process.Kill();
        (await peer.Process.Exited).Signal.ShouldBe(9);
        sleeper.EndsWithin(TimeSpan.FromSeconds(2)).ShouldBeTrue();
    }

    [ProcessFact]
    public async Task Killing_a_worker_kills_its_own_workers()
    {
        await using TestPeer peer = await TestPeer.StartAsync(_kind);
        using var nested = new ProcessTrace(BitConverter.ToInt32(peer.Ask(PeerTag.StartWorker, [])));
        peer.Process.Kill();
        await peer.Process.Exited;
        nested.EndsWithin(TimeSpan.FromSeconds(2)).ShouldBeTrue();
    }

    [ProcessFact]
    public async Task A_stopped_worker_can_be_killed()
    {
        await using TestPeer peer = await TestPeer.StartAsync(_kind);
        _ = LinuxProcessCalls.kill(peer.Process.Id, LinuxProcessCalls.SigStop);
        peer.Process.Kill();
        (await peer.Process.Exited).Signal.ShouldBe(9);
    }

    [ProcessFact]
    public async Task Terminate_lets_the_runtime_end_in_its_own_way()
    {
        await using TestPeer peer = await TestPeer.StartAsync(_kind);
        peer.Process.Terminate();
        (await peer.Process.Exited).Code.ShouldBeOneOf(143, -15);
    }

    [ProcessFact]
    public async Task SIGINT_does_not_end_a_worker()
    {
        await using TestPeer peer = await TestPeer.StartAsync(_kind);
        peer.Ask(PeerTag.Echo, []); // past the answer, hence past the registration
        _ = LinuxProcessCalls.kill(peer.Process.Id, 2);
        peer.Ask(PeerTag.Echo, [7]).ShouldBe([7]);
    }

    [ProcessFact]
    public async Task Ends_may_be_awaited_before_and_after_and_signals_after_the_end_do_nothing()
    {
        await using TestPeer peer = await TestPeer.StartAsync(_kind);
        Task<ProcessExit> before = peer.Process.Exited;
        before.IsCompleted.ShouldBeFalse();
        peer.Send(PeerTag.Return, BitConverter.GetBytes(3));
        (await before).ExitCode.ShouldBe(3);
        (await peer.Process.Exited).ExitCode.ShouldBe(3);
        peer.Process.Terminate();
        peer.Process.Kill();
    }

    [ProcessTheory]
    [InlineData((int)RingSyncPoint.Reserved, 0)]
    [InlineData((int)RingSyncPoint.Closed, 0)]
    [InlineData((int)RingSyncPoint.Published, 1)]
    [InlineData((int)RingSyncPoint.Seen, 0)]
    [InlineData((int)RingSyncPoint.Released, 1)]
    public async Task A_worker_that_dies_between_two_steps_leaves_whole_messages_only(int point, int answers)
    {
        await using TestPeer peer = await TestPeer.StartAsync(_kind);
        peer.Ask(PeerTag.DieAt, BitConverter.GetBytes(point));
        peer.Send(PeerTag.Echo, [5]);
        (await peer.Process.Exited).Signal.ShouldBe(9);

        // Released is passed for the message that armed the trap, unless the echo came into the same batch.
        int got = 0;
        while (peer.Channel.Results.TryRead(out RingMessage message))
        {
            message.Payload.ToArray().ShouldBe([5]);
            got++;
        }

        got.ShouldBeLessThanOrEqualTo(1);
        if (point != (int)RingSyncPoint.Released) got.ShouldBe(answers);
    }

    [ProcessFact]
    public async Task A_worker_that_returns_after_a_large_answer_stays_until_it_is_taken()
    {
        const int length = 1_000_000;
        await using TestPeer peer = await TestPeer.StartAsync(_kind);
        SharedSegment segment = peer.Channel.LargeWork.CreateSegment(length);
        Fill(segment, length);
        peer.Channel.LargeWork.TryWrite(segment, PeerTag.Echo).ShouldBeTrue();
        peer.Send(PeerTag.Return, BitConverter.GetBytes(5));
        peer.WaitForAnswer().ShouldBeTrue();
        CheckLarge(peer, length);
        (await peer.Process.Exited).ExitCode.ShouldBe(5);
    }

    [ProcessFact]
    public async Task A_worker_that_dies_before_it_hands_a_large_answer_over_leaves_nothing()
    {
        await using TestPeer peer = await TestPeer.StartAsync(_kind);
        peer.Ask(PeerTag.DieAt, BitConverter.GetBytes((int)RingSyncPoint.LargeFilled));
        SharedSegment segment = peer.Channel.LargeWork.CreateSegment(1_000_000);
        peer.Channel.LargeWork.TryWrite(segment, PeerTag.Echo).ShouldBeTrue();
        peer.Channel.WorkerBell.Ring();
        (await peer.Process.Exited).Signal.ShouldBe(9);
        peer.Channel.Results.HasRecord.ShouldBeFalse();
    }

    [ProcessFact]
    public async Task Two_dozen_workers_start_at_once()
    {
        using var bell = new ParentBell(ChannelPlatform.Create(_kind));
        var launcher = new WorkerLauncher(bell);
        WorkerChannelSetup[] workers = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => launcher.LaunchAsync(TestPeer.Defaults)));
        foreach (WorkerChannelSetup worker in workers) worker.Wait();

        workers.Select(w => w.Process.Id).Distinct().Count().ShouldBe(workers.Length);
        foreach (WorkerChannelSetup worker in workers) worker.Process.Kill();
        foreach (WorkerChannelSetup worker in workers)
        {
            (await worker.Process.Exited).Signal.ShouldBe(9);
            worker.Dispose();
        }
    }

    [ProcessFact]
    public async Task A_worker_that_dies_while_it_answers_at_length_leaves_no_segment()
    {
        await using TestPeer peer = await TestPeer.StartAsync(_kind);
        peer.Ask(PeerTag.DieAt, BitConverter.GetBytes((int)RingSyncPoint.Published));
        SharedSegment segment = peer.Channel.LargeWork.CreateSegment(1_000_000);
        peer.Channel.LargeWork.TryWrite(segment, PeerTag.Echo).ShouldBeTrue();
        peer.Channel.WorkerBell.Ring();
        await peer.Process.Exited;
        RingMessage message = default;
        peer.Channel.Results.TryRead(out message).ShouldBeTrue();
        try
        {
            // Portable: the file is still there and is taken. Linux: the descriptor went with its process.
            peer.Channel.OpenLarge(message).Dispose();
        }
        catch (IOException e)
        {
            e.ShouldNotBeOfType<ChannelCorruptedException>();
        }
    }

    [ProcessFact]
    public async Task A_forged_record_is_refused_by_the_parent()
    {
        await using TestPeer peer = await TestPeer.StartAsync(_kind);
        peer.Send(PeerTag.Forge, []);
        peer.WaitForAnswer().ShouldBeTrue();
        Should.Throw<ChannelCorruptedException>(() => peer.Channel.Results.TryRead(out _)).Message.ShouldContain("2147483647");
    }

    [ProcessFact]
    public async Task Options_reach_the_worker()
    {
        string directory = Directory.CreateTempSubdirectory("samovar-test").FullName;
        WorkerStartOptions start = TestPeer.Defaults with
        {
            ProcessorAffinity = [0],
            Niceness = 3,
            WorkingDirectory = directory,
            HeapLimit = 64 * 1024 * 1024,
            Environment = new Dictionary<string, string?> { ["SAMOVAR_TEST_GIVEN"] = "given", ["PATH"] = null, ["DOTNET_TieredPGO"] = "1" },
        };
        await using (TestPeer peer = await TestPeer.StartAsync(_kind, start))
        {
            Dictionary<string, string> facts = peer.Facts();
            facts["directory"].ShouldBe(directory);
            facts["input"].ShouldBe("-1");
            facts["server"].ShouldBe("False");
            facts["heap"].ShouldBe("67108864");
            facts["base"].ShouldBe(AppContext.BaseDirectory);
            int.Parse(facts["niceness"], System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
            if (_kind == ChannelKind.Linux)
            {
                facts["cores"].ShouldBe("1");
                facts["group"].ShouldBe("True");
            }

            Variable(peer, "SAMOVAR_TEST_GIVEN").ShouldBe("given");
            Variable(peer, "PATH").ShouldBe("");
            Variable(peer, "DOTNET_TieredPGO").ShouldBe("1", "the user's own wins and stays");
            Variable(peer, "DOTNET_gcServer").ShouldBe("", "set for the worker's runtime, forgotten for its children");
            Variable(peer, WorkerInvitation.Variable).ShouldBe("");
        }

        Directory.Delete(directory);
    }

    [ProcessFact]
    public async Task Twenty_workers_leak_no_descriptor()
    {
        await using (await TestPeer.StartAsync(_kind))
        {
            // Makes what is made once: pipes and threads of the process, assemblies.
        }

        int before = Directory.GetFiles("/proc/self/fd").Length;
        for (int i = 0; i < 20; i++)
        {
            await using TestPeer peer = await TestPeer.StartAsync(_kind);
        }

        GC.Collect();
        GC.WaitForPendingFinalizers(); // Process closes some of its handles there
        Directory.GetFiles("/proc/self/fd").Length.ShouldBeLessThanOrEqualTo(before + 2);
    }

    private static string Variable(TestPeer peer, string name) => Encoding.UTF8.GetString(peer.Ask(PeerTag.Variable, Encoding.UTF8.GetBytes(name)));

    private static unsafe void Fill(SharedSegment segment, int seed) => new Random(seed).NextBytes(new Span<byte>(segment.Start, (int)segment.Length));

    private static void CheckLarge(TestPeer peer, int length)
    {
        byte[] expected = new byte[length];
        new Random(length).NextBytes(expected);
        peer.Channel.Results.TryRead(out RingMessage message).ShouldBeTrue();
        using LargeMessage large = peer.Channel.OpenLarge(message);
        peer.Channel.Results.Release();
        large.Bytes.SequenceEqual(expected).ShouldBeTrue();
    }
}

[SupportedOSPlatform("linux")]
public sealed class LinuxWorkerTests() : WorkerContract(ChannelKind.Linux)
{
    [ProcessFact]
    public async Task A_worker_inherits_no_descriptor()
    {
        int leaky = LinuxProcessCalls.open("/dev/zero", LinuxProcessCalls.ReadOnly); // without close-on-exec, as native libraries do
        try
        {
            await using TestPeer peer = await TestPeer.StartAsync(ChannelKind.Linux);
            Directory.GetFiles($"/proc/{peer.Process.Id}/fd").Select(f => new FileInfo(f).LinkTarget).ShouldNotContain("/dev/zero");
        }
        finally
        {
            _ = LinuxProcessCalls.close(leaky);
        }
    }
}

[SupportedOSPlatform("linux")]
public sealed class PortableWorkerTests() : WorkerContract(ChannelKind.Portable);
