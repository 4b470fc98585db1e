using System.Text;
using System.Text.Json;
using Samovar.Cli.Map.Methods;

namespace Samovar.Cli.Map.Outputs;

/// <summary>The state of an earlier run, read from its job log: where to truncate both files, and which items are finished. See
/// <see cref="ResultLog"/>.</summary>
/// <param name="byText">Whether items are identified by their text (<see cref="Inputs.ItemInput.IsKnownByText"/>).</param>
internal sealed class ResumePoint(bool byText)
{
    /// <summary>Gets the run's header; null if the log has no complete line, so that no item had started.</summary>
    public JobLogHeader? Header { get; private set; }

    /// <summary>Gets the length of the log up to the end of its last complete line.</summary>
    public long LogLength { get; private set; }

    /// <summary>Gets the length of the results that the last complete line records.</summary>
    public long OutputLength { get; private set; }

    /// <summary>Gets the items that do not run again.</summary>
    public DoneItems Done { get; } = new(byText);

    public long Failed { get; private set; }

    /// <param name="log">The log, at its beginning.</param>
    /// <param name="name">The log's name, for error messages.</param>
    /// <param name="againFailed">Whether failed items run again.</param>
    /// <param name="byText">Whether items are identified by their text.</param>
    /// <exception cref="UsageException">The file is not a job log.</exception>
    public static ResumePoint Read(Stream log, string name, bool againFailed, bool byText)
    {
        var point = new ResumePoint(byText);
        byte[] buffer = new byte[64 * 1024];
        int held = 0;
        long line = 0;
        while (true)
        {
            int got = log.Read(buffer, held, buffer.Length - held);
            if (got == 0) return point; // the rest has no newline: a partial write, which is truncated
            held += got;
            int begin = 0;
            while (buffer.AsSpan(begin, held - begin).IndexOf((byte)'\n') is var length and >= 0)
            {
                point.Take(buffer.AsSpan(begin, length), name, ++line, againFailed);
                begin += length + 1;
                point.LogLength += length + 1;
            }

            held -= begin;
            buffer.AsSpan(begin, held).CopyTo(buffer);
            if (held == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
        }
    }

    private void Take(ReadOnlySpan<byte> line, string name, long number, bool againFailed)
    {
        try
        {
            if (number == 1) Header = JsonSerializer.Deserialize<JobLogHeader>(line, ValueJson.Writing);
            else TakeItem(line, againFailed);
            if (number == 1 && Header is not { Version: JobLogHeader.CurrentVersion }) throw new JsonException("no header");
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            string text = Encoding.UTF8.GetString(line[..Math.Min(line.Length, 80)]);
            throw new UsageException($"{name} is not a job log of samovar map: line {number} is '{text}'. Name another file with --job-log.");
        }
    }

    private void TakeItem(ReadOnlySpan<byte> line, bool againFailed)
    {
        long seq = 0;
        string text = "";
        bool ok = false;
        var json = new Utf8JsonReader(line);
        while (json.Read())
        {
            if (json.TokenType != JsonTokenType.PropertyName) continue;
            if (json.ValueTextEquals("seq"u8) && json.Read()) seq = json.GetInt64();
            else if (json.ValueTextEquals("input"u8) && json.Read()) text = json.GetString() ?? "";
            else if (json.ValueTextEquals("outcome"u8) && json.Read()) ok = json.ValueTextEquals("ok"u8);
            else if (json.ValueTextEquals("end"u8) && json.Read()) OutputLength = json.GetInt64();
        }

        if (seq is < 1 or > DoneItems.Largest) throw new JsonException("no item");
        if (ok || !againFailed) Done.Add(seq, text);
        if (!ok) Failed++;
    }
}
