namespace Samovar.Tests.Child;

internal static class OutputCommands
{
    /// <summary>Writes lines of 64 bytes to stdout.</summary>
    public static int Flood(long bytes)
    {
        using Stream output = Console.OpenStandardOutput();
        byte[] block = new byte[64 * 1024];
        for (int i = 0; i < block.Length; i++) block[i] = (byte)(i % 64 == 63 ? '\n' : 'x');
        for (long left = bytes; left > 0; left -= block.Length) output.Write(block, 0, (int)Math.Min(left, block.Length));
        return 0;
    }
}
