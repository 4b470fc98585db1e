using System.Diagnostics;
using System.Globalization;
using Samovar.Ipc;

namespace Samovar.Benchmarks.Processes;

/// <summary>The figures beside ours, taken in the same run: Python's pools, and the bare ring, which is the limit.</summary>
internal static class Peers
{
    private const int RingCapacity = 1 << 20;
    private const int Message = 32; // about a no-op task and its answer

    /// <summary>Runs a script of benchmarks/peers for one of its measures and hands on each line.</summary>
    public static async Task PythonAsync(string measure, Action<string, double, string> say, string file = "pools.py")
    {
        string script = Path.Combine(Root(), "benchmarks", "peers", file);
        try
        {
            using var python = Process.Start(new ProcessStartInfo("python3", [script, measure]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            while (await python.StandardOutput.ReadLineAsync() is { } line)
            {
                if (line.Split('|') is [var what, var value, var unit]) say($"   beside it, Python: {what}", double.Parse(value, CultureInfo.InvariantCulture), unit);
            }

            await python.WaitForExitAsync();
            if (python.ExitCode != 0) Console.WriteLine($"   python3 {script} {measure} ended with exit code {python.ExitCode}");
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            Console.WriteLine($"   no Python beside it: python3 cannot be started: {error.Message}");
        }
    }

    /// <summary>Two threads, a ring there and a ring back: messages a second, many under way, and one at a time.</summary>
    public static unsafe void Ring(Action<string, double, string> say)
    {
        const int many = 5_000_000;
        const int trips = 200_000;
        using var there = new LocalSegment(RingCapacity);
        using var back = new LocalSegment(RingCapacity);
        using var heads = new LocalSegment(4096);
        var thereRing = new MessageRing(there.Start, RingCapacity, (long*)heads.Start);
        var backRing = new MessageRing(back.Start, RingCapacity, (long*)heads.At(256, sizeof(long)));
        var echo = new Thread(() => Echo(new MessageRingReader(thereRing), new MessageRingWriter(backRing), many + trips)) { IsBackground = true };
        echo.Start();
        var writer = new MessageRingWriter(thereRing);
        var reader = new MessageRingReader(backRing);
        Span<byte> message = stackalloc byte[Message];

        long began = Stopwatch.GetTimestamp();
        int sent = 0, received = 0;
        while (received < many)
        {
            while (sent < many && writer.TryWrite(message, 1)) sent++;
            while (reader.TryRead(out _)) received++;
            reader.Release();
        }

        say("   the bare ring, there and back, two threads", many / Stopwatch.GetElapsedTime(began).TotalSeconds, "/s");
        began = Stopwatch.GetTimestamp();
        for (int i = 0; i < trips; i++)
        {
            writer.TryWrite(message, 1);
            while (!reader.TryRead(out _)) Thread.SpinWait(1);
            reader.Release();
        }

        say("   the bare ring, one at a time, both sides looking", Stopwatch.GetElapsedTime(began).TotalMicroseconds / trips, "us");
        echo.Join();
    }

    private static void Echo(MessageRingReader reader, MessageRingWriter writer, int count)
    {
        for (int echoed = 0; echoed < count;)
        {
            while (reader.TryRead(out var message))
            {
                while (!writer.TryWrite(message.Payload, message.Tag)) Thread.SpinWait(1);
                echoed++;
            }

            reader.Release();
        }
    }

    private static string Root()
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "Samovar.slnx"))) root = Path.GetDirectoryName(root);
        return root ?? throw new InvalidOperationException("The benchmarks are not run from the repository: Samovar.slnx is in no folder above them.");
    }
}
