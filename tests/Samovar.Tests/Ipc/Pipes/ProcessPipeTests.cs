using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Samovar.Ipc;
using Samovar.Ipc.Pipes;
using Samovar.Ipc.Queues;
using Samovar.Ipc.Waiting;
using Samovar.Serialization;

namespace Samovar.Tests.Ipc.Pipes;

/// <summary>Both ends of a pipe in one process: what is sent, how it ends, and whose an end is that is on its way.</summary>
public sealed class ProcessPipeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [ThreadTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(1000)]
    public async Task What_was_sent_is_received_in_order_and_then_the_pipe_has_ended(int capacity)
    {
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>(new ProcessPipeOptions { Capacity = capacity });
        using var ends = receiver;
        var sending = TestSupport.OnOwnThread(() =>
        {
            for (int i = 0; i < 2000; i++) sender.Send(i, Token);
            sender.SendMany(Enumerable.Range(2000, 1000).ToArray(), Token);
            sender.Dispose();
        });
        (await receiver.ReadAllAsync(Token).ToListAsync(Token)).ShouldBe(Enumerable.Range(0, 3000));
        await sending.WaitAsync(TestTimeout.Wait, Token);
        await receiver.Completion.WaitAsync(TestTimeout.Wait, Token);
        Should.Throw<ChannelClosedException>(() => receiver.Receive(Token)).Message.ShouldContain("sending end");
        Should.Throw<ChannelClosedException>(() => receiver.TryReceive(out _, TestTimeout.Wait, Token));
        receiver.ReceiveMany(new int[3], Token).ShouldBe(0);
        receiver.TryRead(out _).ShouldBeFalse();
        Should.Throw<ObjectDisposedException>(() => sender.Send(1, Token));
    }

    [ThreadFact]
    public async Task A_sender_learns_that_there_is_no_receiver_also_while_it_waits()
    {
        var (sender, receiver) = ProcessPipe.CreateOneWay<string>(new ProcessPipeOptions { Capacity = 1 });
        using var end = sender;
        sender.Send("one", Token);
        sender.TrySend("two", TimeSpan.FromMilliseconds(5), Token).ShouldBeFalse();
        var waiting = TestSupport.OnOwnThread(() => Should.Throw<ChannelClosedException>(() => sender.Send("two", Token)).Message.ShouldContain("receiving end"));
        var writing = sender.WriteAsync("three", Token).AsTask();
        await TestTimeout.UntilAsync(() => sender.GetStatistics().LocalWaiters == 2);
        receiver.Dispose();
        await waiting.WaitAsync(TestTimeout.Wait, Token);
        await Should.ThrowAsync<ChannelClosedException>(() => writing.WaitAsync(TestTimeout.Wait, Token));
        (await sender.WaitToWriteAsync(Token)).ShouldBeFalse();
        sender.TryWrite("four").ShouldBeFalse();
        sender.IsCompleted.ShouldBeTrue();
    }

    [ThreadFact]
    public async Task Both_ends_of_a_two_way_pipe_send_and_receive_and_are_channels()
    {
        var (here, there) = ProcessPipe.Create<string, int>();
        var echoing = TestSupport.OnOwnThread(() =>
        {
            using (there)
            {
                for (int i = 0; i < 100; i++) there.Send(there.Receive(Token).Length, Token);
            }
        });
        for (int i = 0; i < 100; i++)
        {
            here.Send(new string('x', i), Token);
            here.Receive(Token).ShouldBe(i);
        }

        await echoing.WaitAsync(TestTimeout.Wait, Token);
        Should.Throw<ChannelClosedException>(() => here.Receive(Token));
        Should.Throw<ChannelClosedException>(() => here.Send("more", Token));
        Channel<string, int> channel = here;
        (await channel.Reader.WaitToReadAsync(Token)).ShouldBeFalse();
        channel.Writer.TryWrite("more").ShouldBeFalse();
        here.Dispose();
        here.Dispose();
    }

    [ThreadFact]
    public void It_can_be_completed_with_an_error()
    {
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>();
        using var one = sender;
        using var other = receiver;
        sender.Send(1, Token);
        sender.TryComplete(new InvalidDataException("no more of it")).ShouldBeTrue();
        sender.TryComplete().ShouldBeFalse();
        receiver.Receive(Token).ShouldBe(1);
        Should.Throw<ChannelClosedException>(() => receiver.Receive(Token)).InnerException.ShouldBeOfType<InvalidDataException>();
    }

    [ThreadFact]
    public async Task An_end_that_is_forgotten_is_closed_by_the_collector()
    {
        var (_, receiver) = ProcessPipe.CreateOneWay<int>();
        using var end = receiver;
        (await GcAssert.CollectUntilAsync(() => receiver.Completion.IsCompleted)).ShouldBeTrue();
    }

    [ThreadFact]
    public async Task An_end_on_its_way_is_not_closed_and_one_that_never_arrives_comes_back()
    {
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>();
        using var end = receiver;
        var post = new ProcessQueue<ProcessPipeSender<int>>(4);
        post.Put(sender, Token);
        receiver.TryReceive(out _, TimeSpan.FromMilliseconds(5), Token).ShouldBeFalse(); // and does not throw
        using (var arrived = post.Take(Token)) arrived.Send(1, Token);
        receiver.Receive(Token).ShouldBe(1);
        Should.Throw<ChannelClosedException>(() => receiver.Receive(Token)); // who got it has closed it

        var (second, answers) = ProcessPipe.CreateOneWay<int>();
        using var otherEnd = answers;
        Refused(second);
        second.Send(2, Token);
        answers.Receive(Token).ShouldBe(2);
        answers.TryReceive(out _, TimeSpan.FromMilliseconds(5), Token).ShouldBeFalse();
        second.Dispose();
        await answers.Completion.WaitAsync(TestTimeout.Wait, Token);
        post.Dispose();

        static void Refused(ProcessPipeSender<int> sender)
        {
            using var posts = new ProcessQueue<object[]>(4);
            Should.Throw<UnshippableException>(() => posts.Put([sender, new MemoryStream()]));
        }
    }

    [ThreadFact]
    public void More_ends_on_their_way_than_there_is_place_to_write_down_are_not_lost()
    {
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>();
        using var end = receiver;
        using var post = new ProcessQueue<ProcessPipeSender<int>>(64);
        for (int i = 0; i < 3 * PipeSlot.MostTransits; i++) post.Put(sender, Token);
        sender.Dispose();
        for (int i = 0; i < 3 * PipeSlot.MostTransits; i++)
        {
            using var arrived = post.Take(Token);
            arrived.Send(i, Token);
            receiver.Receive(Token).ShouldBe(i);
        }

        using var next = new ProcessQueue<ProcessPipeSender<int>>(1); // the last was held by what the post keeps
        post.Dispose();
        Should.Throw<ChannelClosedException>(() => receiver.TryReceive(out _, TestTimeout.Wait, Token));
    }

    [ThreadFact]
    public void Options_out_of_their_range_are_refused_and_those_within_it_count()
    {
        foreach (var refused in new ProcessPipeOptions[] { new() { Capacity = 0 }, new() { BytesPerProcess = 1 }, new() { MaxProcesses = 1 }, new() { MaxProcesses = 4097 } })
            Should.Throw<ArgumentOutOfRangeException>(() => ProcessPipe.Create<int, int>(refused));
        var (sender, receiver) = ProcessPipe.CreateOneWay<byte[]>(new ProcessPipeOptions { Capacity = 3, BytesPerProcess = 4096, MaxProcesses = 2 });
        using var one = sender;
        using var other = receiver;
        sender.GetStatistics().Capacity.ShouldBe(3);
        sender.TryWrite(new byte[1500]).ShouldBeTrue();
        sender.TryWrite(new byte[1500]).ShouldBeTrue();
        sender.TryWrite(new byte[1500]).ShouldBeFalse();
        sender.Reference.Region.Format.ProcessSlots.ShouldBe(2);
    }

    [ThreadFact]
    public void Statistics_count_and_the_debugger_shows_them()
    {
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>();
        sender.SendMany([1, 2, 3], Token);
        receiver.Receive(Token);
        receiver.GetStatistics().Taken.ShouldBe(1);
        new ProcessPipeDebugView(sender).Statistics.Put.ShouldBe(3);
        PipeEnd.DebugText(receiver, typeof(int)).ShouldBe("2 of Int32");
        sender.Dispose();
        PipeEnd.DebugText(receiver, typeof(int)).ShouldBe("2 of Int32, ended");
        receiver.Count.ShouldBe(2);
        receiver.Dispose();
        PipeEnd.DebugText(receiver, typeof(int)).ShouldBe("closed");
    }

    [ThreadFact]
    public unsafe void A_slot_has_the_room_that_a_participant_has()
    {
        Unsafe.SizeOf<PipeSlot>().ShouldBe(ProcessTable.SlotSize - sizeof(ulong));
        ((int)Marshal.OffsetOf<PipeSlot>(nameof(PipeSlot.Transits))).ShouldBe(24);
        var word = new PipeTransitWord(PipeRole.Receiver, 4095, 7, uint.MaxValue);
        PipeTransitWord.From(word.Packed).ShouldBe(word);
    }

    [ThreadTheory]
    [InlineData(PipeRole.None, 0, 0)]
    [InlineData((PipeRole)3, 0, 0)]
    [InlineData(PipeRole.Sender, 16, 0)]
    [InlineData(PipeRole.Sender, 65535, 0)]
    [InlineData(PipeRole.Sender, 0, 8)]
    [InlineData(PipeRole.Sender, 0, 255)]
    internal void A_forged_end_gives_a_typed_error(PipeRole role, int slot, int cell)
    {
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>();
        using var one = sender;
        using var other = receiver;
        var forged = sender.Reference.Region.Handle with { Hold = new PipeTransitWord(role, slot, cell, 5).Packed };
        Should.Throw<ChannelCorruptedException>(() => PipeHold.Open(forged));
        using var value = new SharedValue<int>(0);
        Should.Throw<ChannelCorruptedException>(() => PipeHold.Open(value.Reference.Region.Handle with { Hold = new PipeTransitWord(PipeRole.Sender, 0, 0, 0).Packed }));
        receiver.TryRead(out _).ShouldBeFalse();
        sender.Send(1, Token);
    }
}
