using System.Diagnostics;
using System.Runtime.Versioning;
using System.Threading.Channels;
using Samovar.Ipc;
using Samovar.Ipc.Queues;
using Samovar.Ipc.Shared;
using Samovar.Tests.Processes;
using Samovar.Tests.Processes.Faults;

namespace Samovar.Tests.Ipc.Pipes;

/// <summary>Pipes between processes. Lambdas here capture both ends, as they do wherever another lambda of the scope captures the other one.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class PipeDeathTests : IAsyncLifetime
{
    private readonly int _regions = SharedRegion.Count;
    private Leftovers _before = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> PutSteps => [nameof(QueueStep.Locked), nameof(QueueStep.Written), nameof(QueueStep.Published), nameof(QueueStep.Unlocked)];

    public static TheoryData<string> TakeSteps => [nameof(QueueStep.Claimed), nameof(QueueStep.Copied), nameof(QueueStep.Taken), nameof(QueueStep.Released)];

    public async ValueTask InitializeAsync()
    {
        await ChildProcess.Start(static () => { }).JoinAsync(Token); // the first child has the library open what it keeps
        _before = await Leftovers.BeforeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _before.ShouldBeNoneAsync();
        (await GcAssert.CollectUntilAsync(() => SharedRegion.Count <= _regions && UndeliveredItems.Count == 0)).ShouldBeTrue();
    }

    [ProcessFact]
    public async Task A_process_answers_until_the_other_end_is_closed()
    {
        var (here, there) = ProcessPipe.Create<string, int>();
        var child = ChildProcess.Start(() =>
        {
            int answered = 0;
            try
            {
                for (; ; answered++) there.Send(there.Receive().Length);
            }
            catch (ChannelClosedException)
            {
                return answered;
            }
        });
        var waiting = TestSupport.OnOwnThread(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                here.Send(new string('x', i), Token);
                here.Receive(Token).ShouldBe(i);
            }

            here.Dispose();
        });
        await waiting.WaitAsync(TestTimeout.Wait, Token);
        (await child.JoinAsync(Token)).ShouldBe(100);
        there.Dispose();
    }

    [ProcessFact]
    public async Task A_killed_process_completes_the_pipe_for_waiters_behind_its_messages()
    {
        var (here, there) = ProcessPipe.Create<string, int>();
        var child = ChildProcess.Start(() =>
        {
            there.Send(1);
            there.Receive();
            Process.GetCurrentProcess().Kill();
        });
        var receiving = TestSupport.OnOwnThread(() =>
        {
            here.Receive(Token).ShouldBe(1);
            here.Send("go", Token);
            Should.Throw<ChannelClosedException>(() => here.Receive(Token));
        });
        await receiving.WaitAsync(TestTimeout.Wait, Token);
        await TestTimeout.UntilAsync(() => here.Sender.IsCompleted); // the other direction is an object of its own
        Should.Throw<ChannelClosedException>(() => here.Send("more", Token));
        await child.Exited.WaitAsync(TestTimeout.Wait, Token);
        here.Dispose();
        there.Dispose();
    }

    [ProcessFact]
    public async Task A_process_that_closes_its_end_and_continues_completes_the_pipe()
    {
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>();
        using var gate = new ProcessGate();
        var child = ChildProcess.Start(() =>
        {
            sender.Send(1);
            sender.Dispose();
            gate.Pass();
        });
        await TestSupport.OnOwnThread(() =>
        {
            receiver.Receive(Token).ShouldBe(1);
            Should.Throw<ChannelClosedException>(() => receiver.Receive(Token));
        }).WaitAsync(TestTimeout.Wait, Token);
        gate.Open();
        await child.JoinAsync(Token);
        receiver.Dispose();
        sender.Dispose();
    }

    [ProcessFact]
    public async Task A_sender_that_never_waits_learns_of_a_killed_receiver()
    {
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>(new ProcessPipeOptions { Capacity = 1 << 24 });
        var child = ChildProcess.Start(() =>
        {
            receiver.Receive();
            Process.GetCurrentProcess().Kill();
        });
        await TestSupport.OnOwnThread(() =>
        {
            while (!sender.IsCompleted)
            {
                sender.TryWrite(1);
                TestTimer.Pause(1);
            }
        }).WaitAsync(TestTimeout.Wait, Token);
        Should.Throw<ChannelClosedException>(() => sender.Send(1, Token));
        await child.Exited.WaitAsync(TestTimeout.Wait, Token);
        sender.Dispose();
        receiver.Dispose();
    }

    [ProcessFact]
    public async Task An_end_is_returned_sent_through_a_queue_and_handed_to_grandchildren()
    {
        var returned = await ChildProcess.Start(static () =>
        {
            var (sender, receiver) = ProcessPipe.CreateOneWay<string>();
            sender.Send("from the child that made it");
            sender.Dispose();
            return receiver;
        }).JoinAsync(Token);
        returned.Receive(Token).ShouldBe("from the child that made it");
        Should.Throw<ChannelClosedException>(() => returned.Receive(Token));
        returned.Dispose();

        using var post = new ProcessQueue<ProcessPipeEnd<int, int>>(4);
        var (here, there) = ProcessPipe.Create<int, int>();
        post.Put(there, Token);
        var child = Echo(post);
        here.Send(20, Token);
        here.Receive(Token).ShouldBe(21);
        here.Send(-1, Token);
        Should.Throw<ChannelClosedException>(() => here.Receive(Token)); // the grandchild has killed itself
        await child.JoinAsync(Token);
        here.Dispose();
        there.Dispose();

        static ChildProcess Echo(ProcessQueue<ProcessPipeEnd<int, int>> post) => ChildProcess.Start(async () =>
        {
            using var end = post.Take();
            var grandchild = ChildProcess.Start(() =>
            {
                for (int n; (n = end.Receive()) >= 0;) end.Send(n + 1);
                Process.GetCurrentProcess().Kill();
            });
            await grandchild.Exited;
        });
    }

    [ProcessTheory]
    [MemberData(nameof(PutSteps))]
    public async Task A_sender_killed_at_any_step_loses_the_item_it_was_sending_at_most(string step)
    {
        var (sender, receiver) = ProcessPipe.CreateOneWay<string>();
        var at = Enum.Parse<QueueStep>(step);
        var child = ChildProcess.Start(() =>
        {
            sender.Send("one");
            ProducerRing.StepReached = reached => Die(reached == at);
            sender.Send("two");
        });
        List<string> received = await receiver.ReadAllAsync(Token).ToListAsync(Token).AsTask().WaitAsync(TestTimeout.Wait, Token);
        received.ShouldBe(at is QueueStep.Published or QueueStep.Unlocked ? ["one", "two"] : ["one"]);
        await child.Exited.WaitAsync(TestTimeout.Wait, Token);
        child.ExitCode.ShouldBe(-9);
        receiver.Dispose();
        sender.Dispose();
    }

    [ProcessTheory]
    [MemberData(nameof(TakeSteps))]
    public async Task A_receiver_killed_at_any_step_ends_the_pipe_for_a_sender_that_waits(string step)
    {
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>(new ProcessPipeOptions { Capacity = 2 });
        var at = Enum.Parse<QueueStep>(step);
        var child = ChildProcess.Start(() =>
        {
            receiver.Receive();
            ProducerRing.StepReached = reached => Die(reached == at);
            receiver.Receive();
        });
        await TestSupport.OnOwnThread(() => Should.Throw<ChannelClosedException>(() =>
        {
            while (true) sender.Send(1, Token);
        })).WaitAsync(TestTimeout.Wait, Token);
        await child.Exited.WaitAsync(TestTimeout.Wait, Token);
        child.ExitCode.ShouldBe(-9);
        sender.Dispose();
        receiver.Dispose();
    }

    [ProcessTheory]
    [InlineData(nameof(PipeStep.Sent))]
    [InlineData(nameof(PipeStep.Arrived))]
    [InlineData(nameof(PipeStep.GivenUp))]
    public async Task A_process_killed_while_an_end_changes_hands_leaves_no_pipe_open_without_a_sender(string step)
    {
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>();
        using var post = new ProcessQueue<ProcessPipeSender<int>>(4);
        var at = Enum.Parse<PipeStep>(step);
        var child = ChildProcess.Start(() =>
        {
            sender.Send(1);
            PipeRoles.StepReached = reached => Die(reached == at);
            post.Put(sender);
            using var back = post.Take();
            back.Send(2);
            back.Dispose();
            sender.Dispose();
            Process.GetCurrentProcess().Kill();
        });
        List<int> received = await receiver.ReadAllAsync(Token).ToListAsync(Token).AsTask().WaitAsync(TestTimeout.Wait, Token);
        received.ShouldBe([1]);
        await child.Exited.WaitAsync(TestTimeout.Wait, Token);
        child.ExitCode.ShouldBe(-9);
        receiver.Dispose();
        sender.Dispose();
    }

    [ProcessFact]
    public async Task Tasks_of_a_pool_send_into_a_pipe_until_the_last_has_ended()
    {
        await using var pool = new ProcessExecutor(PoolUnderTest.Options());
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>();
        var tasks = Enumerable.Range(0, 20).Select(n => pool.Submit(SendOnce(sender, n))).ToList();
        List<int> received = await receiver.ReadAllAsync(Token).ToListAsync(Token).AsTask().WaitAsync(TestTimeout.Wait, Token);
        received.Order().ShouldBe(Enumerable.Range(0, 20));
        foreach (var task in tasks) await task;
        receiver.Dispose();
        sender.Dispose();

        static Action SendOnce(ProcessPipeSender<int> sender, int n) => () => sender.Send(n); // its part ends with the task
    }

    private static void Die(bool now)
    {
        if (now) Process.GetCurrentProcess().Kill();
    }
}
