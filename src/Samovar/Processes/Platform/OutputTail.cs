using System.Diagnostics;
using System.Text;

namespace Samovar.Processes.Platform;

/// <summary>Keeps the last lines of a stream. Safe for any thread.</summary>
internal sealed class OutputTail
{
    /// <summary>Lines kept.</summary>
    public const int Lines = 20;

    /// <summary>Bytes kept: a line without end must not grow for ever.</summary>
    public const int Bytes = 8 * 1024;

    private const int LongestWords = 300;

    private const int MostForeignLines = 3;

    private const int LongestLine = 4 * LongestWords; // in UTF-8

    // How the runtime begins its account of an end that it noticed.
    private static readonly string[] s_accounts = ["Process terminated.", "Unhandled exception.", "Stack overflow.", "Fatal error."];

    private static readonly byte[][] s_accountBytes = Array.ConvertAll(s_accounts, static begin => Encoding.UTF8.GetBytes(begin));

    // How the lines begin that follow the message of such an account.
    private static readonly byte[][] s_frames = ["at "u8.ToArray(), "---"u8.ToArray(), "Repeated "u8.ToArray()];

    private readonly Lock _lock = new();
    private readonly byte[] _ring = new byte[Bytes];
    private readonly byte[] _line = new byte[LongestLine]; // the beginning of the line that has no end yet
    private int _lineLength;
    private string? _account; // how the account begins that goes on to the last line; its frames may have pushed it out of what is kept
    private int _messageLength; // of that account, in bytes, until its frames begin
    private bool _hasFrames; // whether they have begun
    private int _foreignLines; // lines since the last frame that are none: other threads may write while the runtime does
    private long _written;

    /// <summary>All bytes that ever came.</summary>
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

    /// <summary>The last lines, without the closing line break; all of the runtime's account of an end, where there is one and it is kept, and how it began where
    /// that is all that is known.</summary>
    public override string ToString()
    {
        string[] lines = Text().TrimEnd('\n', '\r').Split('\n');
        int first = Math.Max(0, lines.Length - Lines);
        int account = IndexOfAccount(lines);
        string kept = string.Join('\n', lines[(account < 0 ? first : Math.Min(first, account))..]);
        return account < 0 && Account() is { } begin ? $"{begin}\n…\n{kept}" : kept;
    }

    /// <summary>One line that tells most of an end: how the runtime's account of it begins, where there is one, otherwise the last line; empty where
    /// nothing was written.</summary>
    public string LastWords()
    {
        string[] lines = Text().Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length == 0) return "";
        int account = IndexOfAccount(lines);
        if (account < 0) return Shorten(Account() ?? lines[^1]);
        string words = lines[account];
        if (words == s_accounts[0] && account + 1 < lines.Length && !lines[account + 1].StartsWith("at ", StringComparison.Ordinal))
            words += $" {lines[account + 1]}"; // what FailFast was given
        return Shorten(words);
    }

    private static int IndexOfAccount(string[] lines) =>
        Array.FindLastIndex(lines, static line => Array.Exists(s_accounts, begin => line.StartsWith(begin, StringComparison.Ordinal)));

    private static string Shorten(string words) => words.Length > LongestWords ? $"{words.AsSpan(0, LongestWords)}…" : words;

    private string? Account()
    {
        lock (_lock) return _account;
    }

    // Under the lock. The account of a stack overflow may have hundreds of frames.
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

    // The lines before the first frame are the message. What is longer than all that is kept is none: the words only began as an account does.
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
            _hasFrames = !line.StartsWith("--->"u8); // with which the message of an inner exception begins
            _foreignLines = 0;
        }
        else if (_hasFrames ? ++_foreignLines > MostForeignLines : (_messageLength += line.Length) > Bytes)
        {
            _account = null;
        }
        else if (_account == s_accounts[0])
        {
            _account += $" {Encoding.UTF8.GetString(line)}"; // what FailFast was given
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_lineLength >= 0 && _lineLength <= LongestLine, "the beginning of a line has room");
        Debug.Assert(_account is null || (_messageLength <= Bytes && _foreignLines <= MostForeignLines), "an account that is followed has gone on");
        Debug.Assert(_written >= _lineLength, "what is kept was written");
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
