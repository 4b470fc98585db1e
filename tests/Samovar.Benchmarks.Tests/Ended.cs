using System.Diagnostics;

namespace Samovar.Benchmarks.Tests;

/// <summary>Waits until processes that were killed are gone; the kernel takes a moment. The test's own time limit ends the wait.</summary>
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
            return ""; // it has ended meanwhile, or is another user's
        }
    }
}
