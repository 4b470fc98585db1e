using System.Diagnostics;
using System.Text;

namespace Samovar.Processes.Platform;

/// <summary>Keeps the last lines of a stream. Thread-safe.</summary>
internal sealed class OutputTail
{
    /// <summary>The number of lines that are kept.</summary>
    public const int Lines = 20;

    /// <summary>The number of bytes that are kept: a line without an end must not grow indefinitely.</summary>
    public const int Bytes = 8 * 1024;

    private const int LongestWords = 300;

    private const int MostForeignLines = 3;

    private const int LongestLine = 4 * LongestWords; // in UTF-8

    // How the runtime's report of a crash begins.
    private static readonly string[] s_accounts = ["Process terminated.", "Unhandled exception.", "Stack overflow.", "Fatal error."];

    private static readonly byte[][] s_accountBytes = Array.ConvertAll(s_accounts, static begin => Encoding.UTF8.GetBytes(begin));

    // How the lines begin that follow the message of such a report.
    private static readonly byte[][] s_frames = ["at "u8.ToArray(), "---"u8.ToArray(), "Repeated "u8.ToArray()];

    private readonly Lock _lock = new();
    private readonly byte[] _ring = new byte[Bytes];
    private readonly byte[] _line = new byte[LongestLine]; // the beginning of the current line, which has no end yet
    private int _lineLength;
    private string? _account; // the beginning of the report that the last lines belong to; its frames may have pushed it out of the kept bytes
    private int _messageLength; // length of that report's message in bytes, until its frames begin
    private bool _hasFrames; // whether the frames have begun
    private int _foreignLines; // lines since the last frame that are no frames: other threads may write at the same time as the runtime
    private long _written;

    /// <summary>The number of bytes that were ever appended.</summary>
    public long Written
    {
        get
        {
            lock (_lock) return _written;
        }
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            FollowAccount(bytes);
            _written += bytes.Length;
            bytes = bytes.Length > Bytes ? bytes[^Bytes..] : bytes;
            int at = (int)((_written - bytes.Length) % Bytes);
            int first = Math.Min(bytes.Length, Bytes - at);
            bytes[..first].CopyTo(_ring.AsSpan(at));
            bytes[first..].CopyTo(_ring);
            CheckInvariantsLocked();
        }
    }

    /// <summary>Returns the last lines, without the final line break. If the runtime's report of a crash is kept, the text contains all of it; if
    /// only its beginning is known, the text starts with that.</summary>
    public override string ToString()
    {
        string[] lines = Text().TrimEnd('\n', '\r').Split('\n');
        int first = Math.Max(0, lines.Length - Lines);
        int account = IndexOfAccount(lines);
        string kept = string.Join('\n', lines[(account < 0 ? first : Math.Min(first, account))..]);
        return account < 0 && Account() is { } begin ? $"{begin}\n…\n{kept}" : kept;
    }

    /// <summary>Returns one line that describes a crash best: the beginning of the runtime's report if there is one, otherwise the last line; empty
    /// if nothing was written.</summary>
    public string LastWords()
    {
        string[] lines = Text().Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length == 0) return "";
        int account = IndexOfAccount(lines);
        if (account < 0) return Shorten(Account() ?? lines[^1]);
        string words = lines[account];
        if (words == s_accounts[0] && account + 1 < lines.Length && !lines[account + 1].StartsWith("at ", StringComparison.Ordinal))
            words += $" {lines[account + 1]}"; // the message of FailFast
        return Shorten(words);
    }

    private static int IndexOfAccount(string[] lines) =>
        Array.FindLastIndex(lines, static line => Array.Exists(s_accounts, begin => line.StartsWith(begin, StringComparison.Ordinal)));

    private static string Shorten(string words) => words.Length > LongestWords ? $"{words.AsSpan(0, LongestWords)}…" : words;

    private string? Account()
    {
        lock (_lock) return _account;
    }

    // Called under the lock. The report of a stack overflow may have hundreds of frames.
    private void FollowAccount(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int end = bytes.IndexOf((byte)'\n');
            ReadOnlySpan<byte> part = end < 0 ? bytes : bytes[..end];
            part = part[..Math.Min(part.Length, LongestLine - _lineLength)];
            part.CopyTo(_line.AsSpan(_lineLength));
            _lineLength += part.Length;
            if (end < 0) return;
            EndLine(_line.AsSpan(0, _lineLength));
            _lineLength = 0;
            bytes = bytes[(end + 1)..];
        }
    }

    // The lines before the first frame are the message. If it is longer than the kept bytes, this is no report: a line only began like one.
    private void EndLine(ReadOnlySpan<byte> line)
    {
        line = line[Ascii.Trim(line)];
        if (BeginsWithOne(line, s_accountBytes))
        {
            _account = Encoding.UTF8.GetString(line);
            _messageLength = 0;
            _hasFrames = false;
            _foreignLines = 0;
        }
        else if (_account is null || line.IsEmpty)
        {
            return;
        }
        else if (BeginsWithOne(line, s_frames))
        {
            _hasFrames = !line.StartsWith("--->"u8); // "--->" begins the message of an inner exception
            _foreignLines = 0;
        }
        else if (_hasFrames ? ++_foreignLines > MostForeignLines : (_messageLength += line.Length) > Bytes)
        {
            _account = null;
        }
        else if (_account == s_accounts[0])
        {
            _account += $" {Encoding.UTF8.GetString(line)}"; // the message of FailFast
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_lineLength >= 0 && _lineLength <= LongestLine, "the current line fits into its buffer");
        Debug.Assert(_account is null || (_messageLength <= Bytes && _foreignLines <= MostForeignLines), "a report that is followed is within its limits");
        Debug.Assert(_written >= _lineLength, "the current line is part of what was written");
    }

    private static bool BeginsWithOne(ReadOnlySpan<byte> line, byte[][] beginnings)
    {
        foreach (byte[] begin in beginnings)
        {
            if (line.StartsWith(begin)) return true;
        }

        return false;
    }

    private string Text()
    {
        byte[] kept;
        lock (_lock)
        {
            int length = (int)Math.Min(_written, Bytes);
            kept = new byte[length];
            for (int i = 0; i < length; i++) kept[i] = _ring[(int)((_written - length + i) % Bytes)];
        }

        return Encoding.UTF8.GetString(kept);
    }
}
