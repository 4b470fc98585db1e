using System.Globalization;
using System.Text.Json;
using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Timelines;

/// <summary>Writes what the executors of this process do to a trace, from its creation until <see cref="End"/>. Not thread-safe.</summary>
/// <remarks>A task has a slice in the lane of its worker, a point in the lanes of its executor's submissions and completions, and an arrow through all
/// three. The tasks of a loop overlap in its lane. If there are too many tasks to record, the trace says how many are missing.</remarks>
internal sealed class TraceSession : IDisposable
{
    private readonly TraceWriter _writer;
    private readonly TraceLanes _lanes;
    private readonly Dictionary<int, (long Seen, long Skipped)> _read = []; // by executor
    private readonly List<RecordedAttempt> _attempts = []; // of the executor that is being read
    private readonly Dictionary<(int Process, long Lane), long> _ends = []; // of lanes whose slices follow one another
    private bool _isEnded;

    public TraceSession(Stream stream)
    {
        _writer = new TraceWriter(stream);
        _lanes = new TraceLanes(_writer);
        TaskRecorder.Watch(isTrace: true);
        foreach (var executor in ExecutorRegistry.Running())
        {
            executor.Recorder.Refill();
            var before = executor.Recorder.Read(0, _attempts);
            _read[executor.Number] = (before.Recorded, before.Skipped);
        }
    }

    /// <summary>Writes the first bytes, which are the sign that recording has begun.</summary>
    /// <exception cref="IOException">The stream failed.</exception>
    public void Begin() => _writer.Flush();

    /// <summary>Writes what has happened since the last call.</summary>
    /// <exception cref="IOException">The stream failed.</exception>
    public void Advance()
    {
        long now = TimeProvider.System.GetUtcNow().UtcTicks;
        foreach (var executor in ExecutorRegistry.Running()) Advance(executor, now);
        _writer.Flush();
    }

    /// <summary>Writes the rest and the end.</summary>
    /// <exception cref="IOException">The stream failed.</exception>
    public void End()
    {
        Advance();
        _writer.End();
    }

    /// <summary>Ends recording.</summary>
    public void Dispose()
    {
        if (_isEnded) return;
        _isEnded = true;
        if (TaskRecorder.Unwatch(isTrace: true))
        {
            foreach (var executor in ExecutorRegistry.Running()) executor.ClearRecords();
        }

        _writer.Dispose();
    }

    private void Advance(InspectedExecutor executor, long now)
    {
        var (seen, skipped) = _read.GetValueOrDefault(executor.Number);
        var recording = executor.Recorder.Read(seen, _attempts);
        executor.Recorder.Refill();
        _read[executor.Number] = (recording.Recorded, recording.Skipped);
        var statistics = executor.GetStatistics();
        foreach (var attempt in recording.NewAttempts) Write(executor, statistics.Executor, attempt);
        long missing = Math.Max(0, recording.Skipped - skipped) + Math.Max(0, recording.Recorded - seen - recording.NewAttempts.Count);
        if (missing > 0) _writer.Note(string.Create(CultureInfo.InvariantCulture, $"{missing} tasks of '{statistics.Executor}' are not in this trace: too many at a time"), now);
        _writer.Counter($"{statistics.Executor}: tasks", now, json =>
        {
            json.WriteNumber("queued"u8, statistics.Queued);
            json.WriteNumber("running"u8, statistics.Running);
        });
    }

    private void Write(InspectedExecutor executor, string name, RecordedAttempt attempt)
    {
        string flow = string.Create(CultureInfo.InvariantCulture, $"{executor.Number}.{attempt.Id}");
        var submission = _lanes.OfSubmissions(executor.Number, name);
        if (attempt.Attempt == 1)
        {
            _writer.Slice($"submit {attempt.Function}", submission, attempt.Submitted, attempt.Submitted);
            _writer.Flow('s', submission, attempt.Submitted, flow);
        }

        if (attempt.Worker != 0) WriteRun(executor, name, attempt, flow);
        if (attempt.Outcome == AttemptOutcome.Retried) return;
        var completion = _lanes.OfCompletions(executor.Number, name);
        _writer.Slice($"complete {attempt.Function}", completion, attempt.Ended, attempt.Ended);
        _writer.Flow('f', completion, attempt.Ended, flow);
    }

    private void WriteRun(InspectedExecutor executor, string name, RecordedAttempt attempt, string flow)
    {
        var lane = _lanes.OfWorker(executor.Number, name, attempt);
        if (executor.RunsTasksAtOnce)
        {
            string id = string.Create(CultureInfo.InvariantCulture, $"{flow}.{attempt.Attempt}");
            _writer.Overlapping(begins: true, attempt.Function, lane, attempt.Began, id, json => WriteArguments(json, attempt));
            _writer.Overlapping(begins: false, attempt.Function, lane, Math.Max(attempt.Began, attempt.Ended), id);
            return;
        }

        var (began, ended) = (attempt.Began, Math.Max(attempt.Began, attempt.Ended));
        if (lane.Process != Environment.ProcessId)
        {
            // A worker process runs one task at a time, but its times are converted from its own clock, so they may overlap by some microseconds.
            began = Math.Max(began, _ends.GetValueOrDefault(lane));
            _ends[lane] = ended = Math.Max(began, ended);
        }

        _writer.Slice(attempt.Function, lane, began, ended, json => WriteArguments(json, attempt));
        _writer.Flow('t', lane, began, flow);
    }

    private static void WriteArguments(Utf8JsonWriter json, RecordedAttempt attempt)
    {
        json.WriteNumber("task"u8, attempt.Id);
        if (attempt.Name is { } name) json.WriteString("name"u8, name);
        json.WriteNumber("attempt"u8, attempt.Attempt);
        json.WriteString("outcome"u8, attempt.Outcome.ToString());
        if (attempt.Waited is { } waited) json.WriteNumber("waited ms"u8, Math.Round(waited.TotalMilliseconds, 3));
        if (attempt.Error is not { } error) return;
        json.WriteString("error"u8, error.Type);
        json.WriteString("message"u8, error.Message);
    }
}
