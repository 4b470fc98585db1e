using System.Text;

namespace Samovar.Processes;

/// <summary>Keeps the last lines of a stream. Safe for any thread.</summary>
internal sealed class OutputTail
{
    /// <summary>Lines kept.</summary>
    public const int Lines = 20;

    /// <summary>Bytes kept: a line without end must not grow for ever.</summary>
    public const int Bytes = 8 * 1024;

    private readonly Lock _lock = new();
    private readonly byte[] _ring = new byte[Bytes];
    private long _written;

    /// <summary>All bytes that ever came.</summary>
    public long Written
    {
        get
        {
            lock (_lock)
                return _written;
        }
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            _written += bytes.Length;
            bytes = bytes.Length > Bytes ? bytes[^Bytes..] : bytes;
            int at = (int)((_written - bytes.Length) % Bytes);
            int first = Math.Min(bytes.Length, Bytes - at);
            bytes[..first].CopyTo(_ring.AsSpan(at));
            bytes[first..].CopyTo(_ring);
        }
    }

    /// <summary>The last lines, without the closing line break.</summary>
    public override string ToString()
    {
        byte[] kept;
        lock (_lock)
        {
            int length = (int)Math.Min(_written, Bytes);
            kept = new byte[length];
            for (int i = 0; i < length; i++)
                kept[i] = _ring[(int)((_written - length + i) % Bytes)];
        }

        string[] lines = Encoding.UTF8.GetString(kept).TrimEnd('\n', '\r').Split('\n');
        return string.Join('\n', lines[Math.Max(0, lines.Length - Lines)..]);
    }
}
