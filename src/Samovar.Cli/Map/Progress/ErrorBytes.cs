using System.Text;
using Samovar.Cli.Map.Outputs;

namespace Samovar.Cli.Map.Progress;

/// <summary>Writes what commands wrote to stderr.</summary>
internal static class ErrorBytes
{
    private const int Descriptor = 2;

    private static readonly Stream s_error = OperatingSystem.IsWindows() ? Console.OpenStandardError() : StandardOutput.On(Descriptor);

    /// <summary>Writes bytes to stderr. If it cannot be written, they are dropped, as the tool's own messages are.</summary>
    public static void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            s_error.Write(bytes);
        }
        catch (IOException)
        {
            // A closed terminal or a full disk: results and log are not affected.
        }
    }

    /// <summary>Passes bytes on as lines of text.</summary>
    public static void SayLines(ReadOnlySpan<byte> bytes, Action<string> say)
    {
        foreach (string line in Encoding.UTF8.GetString(bytes).Split('\n'))
        {
            if (line.Length > 0) say(line.TrimEnd('\r'));
        }
    }
}
