using System.Diagnostics;
using System.Text.Json;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Methods;
using Samovar.Cli.Map.Running;

namespace Samovar.Cli.Map.Outputs;

/// <summary>Writes the job log: JSON Lines, the first about the run, the others for one finished item each.</summary>
/// <remarks><c>{"seq":7,"input":"a.txt","worker":4711,"start":"2026-01-31T12:00:00.0000000Z","ms":1.25,"outcome":"ok","attempts":1,"end":512}</c>.
/// <c>outcome</c> is <c>ok</c>, <c>malformed</c> or the error's type, with the message in <c>error</c>; <c>start</c> and <c>ms</c> are null if
/// the process exited before it reported them; <c>exit</c> or <c>signal</c> is present for a command that has run; <c>cached</c> is <c>true</c> if
/// the result came from the cache, and absent otherwise; <c>end</c> is present if results go to
/// a file.</remarks>
internal sealed class JobLog : IDisposable
{
    public const string Ok = "ok";
    public const string MalformedOutcome = "malformed";

    /// <summary>The maximum length of an item's text in the log, in characters.</summary>
    public const int LongestInput = 1000;

    private static readonly JsonEncodedText s_seq = JsonEncodedText.Encode("seq"), s_input = JsonEncodedText.Encode("input"),
        s_worker = JsonEncodedText.Encode("worker"), s_start = JsonEncodedText.Encode("start"), s_ms = JsonEncodedText.Encode("ms"),
        s_outcome = JsonEncodedText.Encode("outcome"), s_error = JsonEncodedText.Encode("error"), s_attempts = JsonEncodedText.Encode("attempts"), s_end = JsonEncodedText.Encode("end"),
        s_ok = JsonEncodedText.Encode(Ok), s_malformed = JsonEncodedText.Encode(MalformedOutcome),
        s_exit = JsonEncodedText.Encode("exit"), s_signal = JsonEncodedText.Encode("signal"), s_cached = JsonEncodedText.Encode("cached");

    private readonly AppendBuffer _file;
    private readonly Utf8JsonWriter _json;
    private readonly bool _hasOutput;
    private readonly DateTime _now = TimeProvider.System.GetUtcNow().UtcDateTime;
    private readonly long _clock = Stopwatch.GetTimestamp();

    /// <param name="file">The log file.</param>
    /// <param name="hasOutput">Whether results go to a file, so that their length is logged.</param>
    public JobLog(AppendBuffer file, bool hasOutput)
    {
        _file = file;
        _hasOutput = hasOutput;
        _json = new Utf8JsonWriter(file, new JsonWriterOptions { Encoder = ValueJson.Writing.Encoder, SkipValidation = true });
    }

    public int Pending => _file.Pending;

    /// <summary>Cuts an item's text to the length kept in the log.</summary>
    public static ReadOnlySpan<char> Cut(string input)
    {
        if (input.Length <= LongestInput) return input;
        return input.AsSpan(0, char.IsHighSurrogate(input[LongestInput - 1]) ? LongestInput - 1 : LongestInput);
    }

    public void Begin(JobLogHeader header)
    {
        _file.Append(JsonSerializer.Serialize(header, ValueJson.Writing));
        _file.Append("\n");
    }

    public void Append(in InputItem item, in ItemReport report, long end)
    {
        _json.WriteStartObject();
        _json.WriteNumber(s_seq, item.Number);
        _json.WriteString(s_input, Cut(item.Text));
        _json.WriteNumber(s_worker, report.Worker);
        if (report.Started == 0)
        {
            _json.WriteNull(s_start);
            _json.WriteNull(s_ms);
        }
        else
        {
            _json.WriteString(s_start, _now + Stopwatch.GetElapsedTime(_clock, report.Started));
            _json.WriteNumber(s_ms, Math.Round(Stopwatch.GetElapsedTime(0, report.Elapsed).TotalMilliseconds, 4));
        }

        switch (report.Status)
        {
            case ItemStatus.Succeeded: _json.WriteString(s_outcome, s_ok); break;
            case ItemStatus.Malformed: _json.WriteString(s_outcome, s_malformed); break;
            default: _json.WriteString(s_outcome, report.ErrorType ?? "failed"); break;
        }

        if (report.Status != ItemStatus.Succeeded && FailureLines.Reason(report) is { Length: > 0 } reason) _json.WriteString(s_error, reason);
        if (report.Command?.ExitCode is { } code) _json.WriteNumber(s_exit, code);
        if (report.Command?.Signal is { } signal) _json.WriteNumber(s_signal, signal);
        _json.WriteNumber(s_attempts, report.Attempt);
        if (report.IsFromCache) _json.WriteBoolean(s_cached, true);
        if (_hasOutput) _json.WriteNumber(s_end, end);
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        _file.Append("\n");
    }

    public void Flush() => _file.Flush();

    public void Close() => _file.Close();

    public void Dispose() => _json.Dispose();
}

/// <summary>The first line of a job log: the settings that a resumed run must share.</summary>
/// <param name="Version">The version of the format; 1.</param>
/// <param name="Target">The target as given on the command line.</param>
/// <param name="Method">The method.</param>
/// <param name="Input">The input's name.</param>
/// <param name="Output">The full path of the results; null for standard output.</param>
/// <param name="Format">The format of the results.</param>
internal sealed record JobLogHeader(int Version, string Target, string Method, string Input, string? Output, string Format)
{
    public const int CurrentVersion = 1;
}
