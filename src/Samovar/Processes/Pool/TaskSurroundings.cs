using System.Runtime.InteropServices;

namespace Samovar.Processes;

/// <summary>What flows with a task to its worker besides the work; most tasks have none of it.</summary>
internal sealed class TaskSurroundings
{
    public static readonly TaskSurroundings None = new("", []);

    private readonly byte[] _cultures;

    private TaskSurroundings(string trace, byte[] cultures)
    {
        Trace = trace;
        _cultures = cultures;
    }

    /// <summary>The activity it continues, see <see cref="TaskTrace"/>; empty for none.</summary>
    public string Trace { get; }

    /// <summary>Bytes of the cultures it runs under, see <see cref="SentCultures"/>; 0 for those of its worker.</summary>
    public int CulturesLength => _cultures.Length;

    /// <summary>Bytes of all, as they follow a task's name in its record.</summary>
    public int Length => (Trace.Length * sizeof(char)) + _cultures.Length;

    public static TaskSurroundings Of(string trace, byte[] cultures) => trace.Length == 0 && cultures.Length == 0 ? None : new(trace, cultures);

    /// <summary>Writes all, and gives the place behind it.</summary>
    public Span<byte> CopyTo(Span<byte> place)
    {
        var text = MemoryMarshal.AsBytes(Trace.AsSpan());
        text.CopyTo(place);
        _cultures.CopyTo(place[text.Length..]);
        return place[Length..];
    }
}
