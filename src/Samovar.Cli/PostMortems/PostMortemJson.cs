using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samovar.Cli.PostMortems;

/// <summary>Writes records as JSON. Property names are a stable interface: new ones may be added, existing ones never change.</summary>
internal static partial class PostMortemJson
{
    // The output goes to a pipe, not into HTML, so quotes and angle brackets in names are not escaped.
    private static readonly RecordShape s_shape = new(new(RecordShape.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static string Write(PostMortem program, int most) => JsonSerializer.Serialize(Of(program, most), s_shape.ProgramRecord);

    public static string Write(IReadOnlyList<PostMortem> programs, int most) =>
        JsonSerializer.Serialize([.. programs.Select(program => Of(program, most))], s_shape.ProgramRecordArray);

    private static ProgramRecord Of(PostMortem program, int most) => new(
        program.ProcessId, program.Program, program.IsRunning, program.LastActivity,
        [
            .. program.Workers.Select(worker => new WorkerRecord(
                worker.Executor, worker.Number, worker.ProcessId, worker.ReadyAt, worker.Path, worker.Problem,
                [.. worker.LastTasks.Take(most).Select(static task => new TaskRecord(
                    task.TaskId, task.Attempt, task.TaskName, task.Function, task.Items, task.StartedAt, task.Duration?.TotalMilliseconds, task.State))])),
        ]);

    internal sealed record ProgramRecord(int Pid, string Program, bool IsRunning, DateTimeOffset LastActivity, WorkerRecord[] Workers);

    internal sealed record WorkerRecord(
        string Executor, int Number, int Pid, DateTimeOffset ReadyAt, string File, string? Problem, TaskRecord[] Tasks);

    internal sealed record TaskRecord(
        long Id, int Attempt, string? Name, string? Function, int Items, DateTimeOffset StartedAt, double? Milliseconds, FutureState State);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
    [JsonSerializable(typeof(ProgramRecord))]
    [JsonSerializable(typeof(ProgramRecord[]))]
    private sealed partial class RecordShape : JsonSerializerContext;
}
