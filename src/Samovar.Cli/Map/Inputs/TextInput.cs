using System.Text;

namespace Samovar.Cli.Map.Inputs;

/// <summary>A file or standard input, read as a stream; knows how far it has come.</summary>
internal abstract class TextInput : ItemInput, IDisposable
{
    private const int BufferSize = 64 * 1024;

    private readonly Stream _stream;
    private readonly long _size;
    private long _position;

    /// <param name="path">A file, or <c>-</c> for standard input.</param>
    /// <exception cref="MistakeException">It cannot be opened.</exception>
    protected TextInput(string path)
    {
        Name = path == "-" ? "standard input" : path;
        try
        {
            _stream = path == "-"
                ? Console.OpenStandardInput()
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
            _size = _stream.CanSeek ? _stream.Length : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MistakeException($"The input {path} cannot be read: {e.Message}");
        }

        Reader = new StreamReader(_stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, BufferSize);
    }

    public override string Name { get; }

    public override double? Fraction => _size > 0 ? Math.Min(1, Volatile.Read(ref _position) / (double)_size) : null;

    protected StreamReader Reader { get; }

    /// <summary>Notes where the stream stands, now and then.</summary>
    protected void NotePosition(long line)
    {
        if (_size > 0 && line % 1024 == 0) Volatile.Write(ref _position, _stream.Position);
    }

    public void Dispose() => Reader.Dispose();
}
