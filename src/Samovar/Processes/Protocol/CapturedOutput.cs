using System.Diagnostics;
using System.Globalization;
using System.Text;
using Samovar.Processes.Platform;

namespace Samovar.Processes.Protocol;

/// <summary>Keeps the end of the output to stdout and stderr, as one text. Thread-safe.</summary>
/// <remarks>Lines stay whole: an incomplete line of a stream waits for its end, or for <see cref="Take"/>.</remarks>
internal sealed class CapturedOutput
{
    /// <summary>The number of characters that are kept: enough for a diagnosis, with negligible memory.</summary>
    public const int MostCharacters = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();
    private readonly Stream _output = new();
    private readonly Stream _errors = new();
    private long _dropped;

    public void Append(OutputSource source, ReadOnlySpan<byte> bytes)
    {
        Span<char> chars = stackalloc char[1024];
        lock (_gate)
        {
            var stream = StreamOf(source);
            while (!bytes.IsEmpty)
            {
                stream.Decoder.Convert(bytes, chars, flush: false, out int used, out int made, out _);
                bytes = bytes[used..];
                AppendLocked(stream, chars[..made]);
            }

            CheckInvariantsLocked();
        }
    }

    public void Append(OutputSource source, ReadOnlySpan<char> chars)
    {
        lock (_gate)
        {
            AppendLocked(StreamOf(source), chars);
            CheckInvariantsLocked();
        }
    }

    /// <summary>Returns what was written since the last call; if it is too long, its end, after a line with the number of dropped
    /// characters.</summary>
    public string Take()
    {
        lock (_gate)
        {
            foreach (var stream in (Stream[])[_output, _errors])
            {
                _text.Append(stream.Line);
                stream.Line.Clear();
                stream.Decoder.Reset();
            }

            ShortenLocked(MostCharacters);
            if (_text.Length > 0 && _dropped > 0 && char.IsLowSurrogate(_text[0])) _text.Remove(0, 1); // its high surrogate was dropped
            string note = _dropped == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"[{_dropped} characters before this were dropped]\n");
            string text = note + _text;
            _text.Clear();
            _dropped = 0;
            CheckInvariantsLocked();
            return text;
        }
    }

    private Stream StreamOf(OutputSource source) => source == OutputSource.Error ? _errors : _output;

    private void AppendLocked(Stream stream, ReadOnlySpan<char> chars)
    {
        int whole = chars.LastIndexOf('\n') + 1;
        if (whole > 0)
        {
            _text.Append(stream.Line).Append(chars[..whole]);
            stream.Line.Clear();
        }

        stream.Line.Append(chars[whole..]);
        if (stream.Line.Length > MostCharacters)
        {
            _text.Append(stream.Line);
            stream.Line.Clear();
        }

        if (_text.Length > 2 * MostCharacters) ShortenLocked(MostCharacters); // rarely, but by much, because each removal moves the remaining text
    }

    private void ShortenLocked(int length)
    {
        int surplus = _text.Length - length;
        if (surplus <= 0) return;
        _text.Remove(0, surplus);
        _dropped += surplus;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_text.Length <= 2 * MostCharacters, "the kept text is at most twice as long as the returned text");
        Debug.Assert(_output.Line.Length <= MostCharacters && _errors.Line.Length <= MostCharacters, "a line without an end does not grow indefinitely");
        Debug.Assert(_dropped >= 0, "the number of dropped characters is not negative");
    }

    private sealed class Stream
    {
        public Decoder Decoder { get; } = Encoding.UTF8.GetDecoder();

        public StringBuilder Line { get; } = new();
    }
}
