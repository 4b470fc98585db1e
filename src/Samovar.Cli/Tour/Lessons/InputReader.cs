using System.Diagnostics;
using System.IO.Pipes;

namespace Samovar.Cli.Tour.Lessons;

/// <summary>A thread waits for a line while another computes.</summary>
internal sealed class InputReader : Lesson
{
    private const int UnitsToType = 4;

    private static ulong s_last;

    public override int Number => 2;

    public override string Title => "Input reader";

    public override string Work => "squares are computed, and a line is typed that nobody knows the end of.";

    public override async Task TeachAsync(Classroom room)
    {
        await using var executor = new ThreadExecutor(new() { Workers = 2 });
        if (room.IsAsked)
        {
            room.Say("Enter any text and press enter:");
            await room.TimeAsync("computing while you type", () => ComputeWhile(executor.Submit(Console.In.ReadLine)), static text => text);
            return;
        }

        ulong target = SquaresIn(UnitsToType * room.Unit);
        await room.TimeAsync("reading, then computing", () =>
        {
            string? text = Typed(executor, room).Result;
            Compute(target);
            return Show(target, text);
        }, static text => text);
        await room.TimeAsync("computing while somebody types", () =>
        {
            var line = Typed(executor, room);
            Compute(target);
            return Show(target, line.Result);
        }, static text => text);
    }

    private static string ComputeWhile(Future<string?> line)
    {
        ulong count = 0;
        do Keep(++count * count);
        while (!line.IsCompleted);
        return Show(count, line.Result ?? "");
    }

    private static string Show(ulong count, string? line) => $"{count:N0} squares and '{line}'";

    private static ulong SquaresIn(TimeSpan time)
    {
        ulong count = 1_000_000;
        while (Compute(count) < time) count *= 2;
        return count;
    }

    private static TimeSpan Compute(ulong target)
    {
        long start = Stopwatch.GetTimestamp();
        for (ulong count = 1; count <= target; count++) Keep(count * count);
        return Stopwatch.GetElapsedTime(start);
    }

    private static Future<string?> Typed(ThreadExecutor executor, Classroom room)
    {
        var keyboard = new AnonymousPipeServerStream(PipeDirection.Out);
        var screen = new AnonymousPipeClientStream(PipeDirection.In, keyboard.ClientSafePipeHandle);
        _ = executor.Submit(() =>
        {
            Blocked.For(UnitsToType * room.Unit);
            using (keyboard) keyboard.Write("samovar\n"u8);
        });
        return executor.Submit(() =>
        {
            using var reader = new StreamReader(screen);
            return reader.ReadLine();
        });
    }

    private static void Keep(ulong square) => Volatile.Write(ref s_last, square); // else the compiler may leave the work out
}
