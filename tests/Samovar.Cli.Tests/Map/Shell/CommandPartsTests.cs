using System.Text;
using Samovar.Cli.Map.Shell;

namespace Samovar.Cli.Tests.Map.Shell;

/// <summary>The parts around a command: captured output, tags, slots and the gate of starts.</summary>
public sealed class CommandPartsTests
{
    [ThreadTheory]
    [InlineData(0)]
    [InlineData(OutputCapture.InMemory)]
    [InlineData(OutputCapture.InMemory + 1)]
    [InlineData((3 * OutputCapture.InMemory) + 7)]
    public void Captured_output_is_complete_in_memory_and_in_a_file(int length)
    {
        byte[] written = new byte[length];
        new Random(1).NextBytes(written);
        var capture = new OutputCapture(mayUseFile: true);
        for (int at = 0; at < length; at += 1000) capture.Append(written.AsSpan(at, Math.Min(1000, length - at)));

        using CapturedOutput captured = capture.Take();
        using CapturedOutput next = capture.Take();
        Read(captured).ShouldBe(written);
        next.IsEmpty.ShouldBeTrue();
    }

    [ThreadFact]
    public void A_node_refuses_an_output_that_is_too_long()
    {
        var capture = new OutputCapture(mayUseFile: false);
        byte[] piece = new byte[OutputCapture.LargestOnNode / 2];
        capture.Append(piece);
        capture.Append(piece);

        Should.Throw<IOException>(() => capture.Append(piece.AsSpan(0, 1))).Message.ShouldStartWith("it wrote more than 64 MiB, which is the most that a node returns.");
    }

    [ThreadFact]
    public void Each_line_has_its_tag_once_wherever_the_pieces_are_cut()
    {
        var written = new StringBuilder();
        var lines = new TaggedLines("x\t"u8.ToArray(), piece => written.Append(Encoding.UTF8.GetString(piece)));
        foreach (string piece in (string[])["a", "b\n", "\nc", "\n", "d"]) lines.Take(Encoding.UTF8.GetBytes(piece));

        written.ToString().ShouldBe("x\tab\nx\t\nx\tc\nx\td");
    }

    [ThreadFact]
    public void A_slot_is_the_smallest_free_number()
    {
        var slots = new SlotNumbers();
        ((int[])[slots.Take(), slots.Take(), slots.Take()]).ShouldBe([1, 2, 3]);
        slots.Return(3);
        slots.Return(1);

        ((int[])[slots.Take(), slots.Take(), slots.Take()]).ShouldBe([1, 3, 4]);
    }

    [ThreadFact]
    public async Task Starts_are_apart_by_the_delay()
    {
        var time = new ManualTimeProvider();
        var gate = new StartGate(TimeSpan.FromSeconds(2), load: null, time, readLoad: () => 0);
        gate.Wait(CancellationToken.None).ShouldBeTrue(); // the first one starts at once
        Task<bool> second = Task.Run(() => gate.Wait(CancellationToken.None), TestContext.Current.CancellationToken);
        await time.WhenArmedAsync(TimeSpan.FromSeconds(2));
        second.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(2));

        (await second).ShouldBeTrue();
    }

    [ThreadFact]
    public async Task A_busy_machine_delays_starts_until_its_load_falls_or_the_run_is_stopped()
    {
        double load = 5;
        var time = new ManualTimeProvider();
        var gate = new StartGate(delay: null, load: 2, time, () => Volatile.Read(ref load));
        using var stop = new CancellationTokenSource();
        Task<bool> first = Task.Run(() => gate.Wait(CancellationToken.None), TestContext.Current.CancellationToken);
        await time.WhenArmedAsync(TimeSpan.FromSeconds(1));
        Volatile.Write(ref load, 1);
        time.Advance(TimeSpan.FromSeconds(1));
        (await first).ShouldBeTrue();

        Volatile.Write(ref load, 5);
        Task<bool> second = Task.Run(() => gate.Wait(stop.Token), TestContext.Current.CancellationToken);
        await time.WhenArmedAsync(TimeSpan.FromSeconds(1));
        await stop.CancelAsync();
        (await second).ShouldBeFalse();
    }

    private static byte[] Read(CapturedOutput output)
    {
        var all = new MemoryStream();
        output.CopyTo(all.Write);
        return all.ToArray();
    }
}
