using System.Buffers;
using System.Text.Json;

namespace Samovar.Diagnostics.Timelines;

/// <summary>Writes the events of a trace as a JSON array, one event a line, in the format that Perfetto and Chrome read
/// (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU). The readers accept an array without its end, so the trace of a
/// program that was killed can be read as well. Not thread-safe.</summary>
internal sealed class TraceWriter : IDisposable
{
    private readonly Stream _stream;
    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);
    private readonly Utf8JsonWriter _json;

    public TraceWriter(Stream stream)
    {
        _stream = stream;
        _json = new Utf8JsonWriter(_buffer);
        Add("[\n"u8);
    }

    /// <summary>Names a process.</summary>
    public void ProcessName(int process, string name) => Write("M", "process_name", (process, 0), null, json => Argument(json, name));

    /// <summary>Names a lane.</summary>
    public void LaneName((int Process, long Lane) lane, string name) => Write("M", "thread_name", lane, null, json => Argument(json, name));

    /// <summary>Writes something that takes time in a lane. What overlaps in a lane must be nested.</summary>
    public void Slice(string name, (int Process, long Lane) lane, long began, long ended, Action<Utf8JsonWriter>? arguments = null) => Write("X", name, lane, began, arguments, json =>
    {
        WriteTime(json, "dur", Math.Max(0, ended - began));
        json.WriteString("cat"u8, "task"u8);
    });

    /// <summary>Writes the begin or the end of something that may overlap with others of its lane.</summary>
    public void Overlapping(bool begins, string name, (int Process, long Lane) lane, long at, string id, Action<Utf8JsonWriter>? arguments = null) => Write(begins ? "b" : "e", name, lane, at, arguments, json =>
    {
        json.WriteString("cat"u8, "task"u8);
        json.WriteString("id"u8, id);
    });

    /// <summary>Writes a point of an arrow between slices: its start (<c>s</c>), a step (<c>t</c>) or its end (<c>f</c>).</summary>
    public void Flow(char step, (int Process, long Lane) lane, long at, string id) => Write(step.ToString(), "task", lane, at, null, json =>
    {
        json.WriteString("cat"u8, "flow"u8);
        json.WriteString("id"u8, id);
        if (step != 's') json.WriteString("bp"u8, "e"u8);
    });

    /// <summary>Writes the values of a counter at a time.</summary>
    public void Counter(string name, long at, Action<Utf8JsonWriter> values) => Write("C", name, (Environment.ProcessId, 0), at, values);

    /// <summary>Writes a note for the whole trace.</summary>
    public void Note(string name, long at) => Write("i", name, (Environment.ProcessId, 0), at, null, static json => json.WriteString("s"u8, "g"u8));

    /// <summary>Passes what was written on to the stream.</summary>
    public void Flush()
    {
        _stream.Write(_buffer.WrittenSpan);
        _stream.Flush();
        _buffer.ResetWrittenCount();
    }

    /// <summary>Writes the end of the array.</summary>
    public void End()
    {
        Write("M", "trace_end", (Environment.ProcessId, 0), null, null, null, isLast: true);
        Add("]\n"u8);
        Flush();
    }

    public void Dispose() => _json.Dispose();

    private static void Argument(Utf8JsonWriter json, string name) => json.WriteString("name"u8, name);

    private static void WriteTime(Utf8JsonWriter json, string name, long ticks) => json.WriteNumber(name, ticks / (double)TimeSpan.TicksPerMicrosecond);

    private void Write(
        string phase, string name, (int Process, long Lane) lane, long? at, Action<Utf8JsonWriter>? arguments, Action<Utf8JsonWriter>? more = null, bool isLast = false)
    {
        _json.WriteStartObject();
        _json.WriteString("ph"u8, phase);
        _json.WriteString("name"u8, name);
        _json.WriteNumber("pid"u8, lane.Process);
        _json.WriteNumber("tid"u8, lane.Lane);
        if (at is { } ticks) WriteTime(_json, "ts", ticks - DateTimeOffset.UnixEpoch.Ticks);
        more?.Invoke(_json);
        if (arguments is not null)
        {
            _json.WriteStartObject("args"u8);
            arguments(_json);
            _json.WriteEndObject();
        }

        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        Add(isLast ? "\n"u8 : ",\n"u8);
        if (_buffer.WrittenCount > 1 << 20) Flush();
    }

    private void Add(ReadOnlySpan<byte> bytes) => _buffer.Write(bytes);
}
