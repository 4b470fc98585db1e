using System.Diagnostics;
using System.Runtime.Versioning;
using System.Threading.Channels;
using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Queues;
using Samovar.Tests.Processes;
using Samovar.Tests.Processes.Faults;

namespace Samovar.Tests.Ipc.Queues;

/// <summary>Queues and pipes in mapped files, as on systems without memfd and futex.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class QueuePortableTests : IAsyncLifetime
{
    private static readonly SharedStore s_store = SharedStore.Of(ChannelKind.Portable);

    private Leftovers _before = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await ChildProcess.Start(static () => { }).JoinAsync(Token); // the first child has the library open what it keeps
        _before = await Leftovers.BeforeAsync();
    }

    public async ValueTask DisposeAsync() => await _before.ShouldBeNoneAsync();

    [ProcessFact]
    public async Task Items_of_any_size_go_there_and_back_and_a_killed_process_is_noticed()
    {
        var options = new ProcessQueueOptions { Capacity = 4, BytesPerProcess = 4096, MaxProcesses = 4 };
        using var there = new ProcessQueue<string>(options, s_store);
        using var back = new ProcessQueue<string>(options, s_store);
        var child = ChildProcess.Start(Echo(there, back));
        foreach (int length in new[] { 0, 10, 1000, 5_000, 200_000 })
        {
            there.Put(new string('x', length), Token);
            back.Take(Token).ShouldBe(new string('y', length));
        }

        there.Put("die", Token);
        there.Put("next", Token);
        await child.Exited.WaitAsync(TestTimeout.Wait, Token);
        string? item = null;
        await TestTimeout.UntilAsync(() => there.TryTake(out item)); // the dead one's claim is freed
        item.ShouldBe("next");

        static Action Echo(ProcessQueue<string> there, ProcessQueue<string> back) => () =>
        {
            for (string item; (item = there.Take()) != "die";) back.Put(item.Replace('x', 'y'));
            ProducerRing.StepReached = step =>
            {
                if (step == QueueStep.Claimed) Process.GetCurrentProcess().Kill();
            };
            there.Take();
        };
    }

    [ProcessFact]
    public async Task A_pipe_ends_when_its_other_end_is_killed()
    {
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>(new ProcessPipeOptions { Capacity = 4 }, s_store);
        var child = ChildProcess.Start(Sending(sender));
        receiver.Receive(Token).ShouldBe(1);
        await TestSupport.OnOwnThread(() => Should.Throw<ChannelClosedException>(() => receiver.Receive(Token))).WaitAsync(TestTimeout.Wait, Token);
        await child.Exited.WaitAsync(TestTimeout.Wait, Token);
        sender.Dispose();
        receiver.Dispose();

        static Action Sending(ProcessPipeSender<int> sender) => () =>
        {
            sender.Send(1);
            Process.GetCurrentProcess().Kill();
        };
    }

    [ProcessFact]
    public void A_queue_for_which_there_is_no_space_is_refused_with_the_reason()
    {
        var tooLarge = new ProcessQueueOptions { BytesPerProcess = 1 << 30, MaxProcesses = 4096 };
        var error = Should.Throw<SharedObjectException>(() => new ProcessQueue<string>(tooLarge, s_store));
        error.Fault.ShouldBe(SharedObjectFault.Refused);
        error.Message.ShouldContain("bytes could not be created");
    }
}
