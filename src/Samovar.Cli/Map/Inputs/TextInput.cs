using System.Text;

namespace Samovar.Cli.Map.Inputs;

/// <summary>A file or standard input, read as a stream; knows how far it has come.</summary>
internal abstract class TextInput : ItemInput, IDisposable
{
    public const string StandardInput = "standard input";

    private const int BufferSize = 64 * 1024;
    private const char Undecodable = '\uFFFF'; // which no text has in it: it is no character

    // What is not UTF-8 must not turn into other text unseen.
    private static readonly Encoding s_encoding =
        Encoding.GetEncoding("utf-8", EncoderFallback.ExceptionFallback, new DecoderReplacementFallback($"{Undecodable}"));

    private readonly Stream _stream;
    private readonly long _size;
    private long _position;

    /// <param name="path">A file, or <c>-</c> for standard input.</param>
    /// <exception cref="UsageException">It cannot be opened.</exception>
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

    /// <summary>Notes where the stream stands, now and then.</summary>
    protected void NotePosition(long line)
    {
        if (_size > 0 && line % 1024 == 0) Volatile.Write(ref _position, _stream.Position);
    }

    /// <summary>The whole of it is read.</summary>
    protected void NoteEnd() => Volatile.Write(ref _position, _size);

    /// <summary>An item; a broken one where its bytes were no text.</summary>
    protected static InputItem Item(long number, string text, long line) => IsUndecodable(text)
        ? new InputItem(number, $"it is not UTF-8: '{Shown(text)}'", line, IsBroken: true)
        : new InputItem(number, text, line);

    /// <summary>Whether some of its bytes were no text.</summary>
    protected static bool IsUndecodable(string text) => text.Contains(Undecodable);

    /// <summary>As it can be printed.</summary>
    protected static string Shown(string text) => text.Replace(Undecodable, '\uFFFD');

    /// <summary>Refuses JSON that goes over several lines where a line is to be a value, by its first line.</summary>
    /// <exception cref="UsageException">It is the beginning of a value.</exception>
    protected void RefuseHalfAValue(string line)
    {
        if (line.AsSpan().Trim() is "[" or "{" or "[{")
            throw new UsageException($"{Name} holds JSON that goes over several lines, and is read line by line. Add --input-format json, which takes the elements of an array.");
    }

    public void Dispose() => Reader.Dispose();
}
