using System.Diagnostics;

namespace Samovar.Benchmarks.Tests;

/// <summary>Waits until killed processes are gone, which the kernel does not report at once. The test's own limit bounds the wait.</summary>
internal static class Ended
{
    public static async Task WaitAsync(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        catch (ArgumentException)
        {
            // It is gone.
        }
    }

    /// <summary>The processes whose environment has these words.</summary>
    public static int[] With(string words) =>
    [
        .. from folder in Directory.EnumerateDirectories("/proc")
           where char.IsAsciiDigit(Path.GetFileName(folder)[0]) && Environment(folder).Contains(words, StringComparison.Ordinal)
           select int.Parse(Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture),
    ];

    private static string Environment(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "environ"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // the process has exited meanwhile, or belongs to another user
        }
    }
}
