#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// A native library that returns a pointer to a buffer shared by the whole process: asctime of the C library.

using System.Runtime.InteropServices;
using Samovar;

if (OperatingSystem.IsWindows())
{
    Console.WriteLine("The C library of Windows keeps it for each thread.");
    return;
}

await using (var threads = new ThreadExecutor(new() { Workers = 4 }))
    Console.WriteLine($"four threads:   {await CountWrongAsync(threads)} of 20 tasks got another's answer");

await using (var processes = new ProcessExecutor(new() { Workers = 4 }))
    Console.WriteLine($"four processes: {await CountWrongAsync(processes)} of 20 tasks got another's answer");

await using (var one = new ThreadExecutor(new() { Workers = 1 }))
    Console.WriteLine($"one thread:     {await CountWrongAsync(one)} of 20 tasks got another's answer");

static async Task<int> CountWrongAsync(Executor executor) =>
    await executor.Map(Enumerable.Range(0, 20), Clock.GetsAnothersAnswer, new() { BatchSize = 1 }).CountAsync(static wrong => wrong);

internal static class Clock
{
    /// <summary>Formats the same year repeatedly.</summary>
    public static bool GetsAnothersAnswer(int task)
    {
        int[] time = new int[16];                                        // struct tm, with room to spare
        time[3] = 1;                                                     // the day of the month
        time[5] = task;                                                  // the year, from 1900
        for (int i = 0; i < 20_000; i++)
        {
            if (Marshal.PtrToStringUTF8(AscTime(time)) != $"Sun Jan  1 00:00:00 {1900 + task}\n") return true;
        }

        return false;
    }

    [DllImport("libc", EntryPoint = "asctime")]
    private static extern nint AscTime(int[] time);
}
