namespace Samovar.Cli.Map.Shell;

/// <summary>Puts a tag before each line of output that arrives in pieces.</summary>
internal sealed class TaggedLines(byte[] tag, CapturedOutput.SpanAction write)
{
    private bool _isInLine;

    /// <summary>Writes complete lines, each with the tag.</summary>
    public static void Write(ReadOnlySpan<byte> lines, byte[] tag, CapturedOutput.SpanAction write)
    {
        if (tag.Length == 0) write(lines);
        else new TaggedLines(tag, write).Take(lines);
    }

    public void Take(ReadOnlySpan<byte> piece)
    {
        while (!piece.IsEmpty)
        {
            if (!_isInLine) write(tag);
            int end = piece.IndexOf((byte)'\n') + 1;
            _isInLine = end == 0;
            ReadOnlySpan<byte> line = _isInLine ? piece : piece[..end];
            write(line);
            piece = piece[line.Length..];
        }
    }
}
