using System.Text;

namespace Samovar.Cli.Map.Inputs;

/// <summary>A file or standard input, read as a stream. Tracks the position for progress.</summary>
internal abstract class TextInput : ItemInput, IDisposable
{
    public const string StandardInput = "standard input";

    private const int BufferSize = 64 * 1024;
    private const char Undecodable = '\uFFFF'; // a noncharacter, which text does not contain

    // Invalid UTF-8 must not silently become other text.
    private static readonly Encoding s_encoding =
        Encoding.GetEncoding("utf-8", EncoderFallback.ExceptionFallback, new DecoderReplacementFallback($"{Undecodable}"));

    private readonly Stream _stream;
    private readonly long _size;
    private long _position;

    /// <param name="path">A file, or <c>-</c> for standard input.</param>
    /// <exception cref="UsageException">The file cannot be opened.</exception>
    protected TextInput(string path)
    {
        string name = path == "-" ? StandardInput : path;
        Name = name;
        try
        {
            _stream = path == "-"
                ? Console.OpenStandardInput()
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
            _size = _stream.CanSeek ? _stream.Length : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The input {path} cannot be read: {e.Message}");
        }

        Reader = new StreamReader(PackedFiles.Refuse(_stream, name), s_encoding, detectEncodingFromByteOrderMarks: true, BufferSize);
    }

    public override string Name { get; }

    public override double? Fraction => _size > 0 ? Math.Min(1, Volatile.Read(ref _position) / (double)_size) : null;

    protected StreamReader Reader { get; }

    /// <summary>Updates the position of the stream, every 1,024 lines.</summary>
    protected void NotePosition(long line)
    {
        if (_size > 0 && line % 1024 == 0) Volatile.Write(ref _position, _stream.Position);
    }

    /// <summary>Marks the whole input as read.</summary>
    protected void NoteEnd() => Volatile.Write(ref _position, _size);

    /// <summary>Creates an item; a broken one if its bytes are not valid UTF-8.</summary>
    protected static InputItem Item(long number, string text, long line) => IsUndecodable(text)
        ? new InputItem(number, $"it is not UTF-8: '{Shown(text)}'", line, IsBroken: true)
        : new InputItem(number, text, line);

    /// <summary>Returns whether some bytes of the text were not valid UTF-8.</summary>
    protected static bool IsUndecodable(string text) => text.Contains(Undecodable);

    /// <summary>Returns the text with undecodable bytes as U+FFFD, for printing.</summary>
    protected static string Shown(string text) => text.Replace(Undecodable, '\uFFFD');

    /// <summary>Throws if the first line shows that the JSON values span several lines, although each line should be a value.</summary>
    /// <exception cref="UsageException">The line is only the beginning of a value.</exception>
    protected void RefuseHalfAValue(string line)
    {
        if (line.AsSpan().Trim() is "[" or "{" or "[{")
        {
            throw new UsageException(
                $"{Name} has JSON values that span several lines, but is read line by line. "
                + "Add --input-format json to read the elements of an array.");
        }
    }

    public void Dispose() => Reader.Dispose();
}
