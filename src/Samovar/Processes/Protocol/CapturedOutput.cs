using System.Diagnostics;
using System.Globalization;
using System.Text;
using Samovar.Processes.Platform;

namespace Samovar.Processes.Protocol;

/// <summary>The end of what was written to stdout and stderr, as one text. Safe for any thread.</summary>
/// <remarks>Lines stay whole: what a stream leaves without a line break waits for the rest of its line, or for
/// <see cref="Take"/>.</remarks>
internal sealed class CapturedOutput
{
    /// <summary>Characters kept: enough to see what went on, and no memory to speak of.</summary>
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

    /// <summary>Gives what was written since the last time, or its end after a line that says how much came before.</summary>
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
            if (_text.Length > 0 && _dropped > 0 && char.IsLowSurrogate(_text[0])) _text.Remove(0, 1); // its other half was dropped
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

        if (_text.Length > 2 * MostCharacters) ShortenLocked(MostCharacters); // seldom, and by much: removing moves what stays
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
        Debug.Assert(_text.Length <= 2 * MostCharacters, "not much more is kept than is given");
        Debug.Assert(_output.Line.Length <= MostCharacters && _errors.Line.Length <= MostCharacters, "a line without end does not grow for ever");
        Debug.Assert(_dropped >= 0, "what was dropped is counted");
    }

    private sealed class Stream
    {
        public Decoder Decoder { get; } = Encoding.UTF8.GetDecoder();

        public StringBuilder Line { get; } = new();
    }
}
