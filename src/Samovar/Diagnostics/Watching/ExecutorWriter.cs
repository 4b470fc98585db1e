using System.Text.Json;

namespace Samovar.Diagnostics.Watching;

/// <summary>Writes the members of an executor in a <see cref="Picture"/>.</summary>
internal static class ExecutorWriter
{
    public static void Write(Utf8JsonWriter json, ExecutorPicture executor)
    {
        var (statistics, figures, recording) = (executor.Statistics, executor.Figures, executor.Recording);
        json.WriteNumber("id"u8, executor.Number);
        PictureWriter.WriteText(json, "name", statistics.Executor);
        json.WriteString("type"u8, executor.Type);
        json.WriteNumber("workers"u8, statistics.Workers);
        json.WriteNumber("live"u8, statistics.LiveWorkers);
        json.WriteNumber("idle"u8, figures.Idle);
        json.WriteNumber("busy"u8, figures.Busy);
        json.WriteNumber("starting"u8, figures.Starting ?? 0);
        json.WriteNumber("stopping"u8, figures.Stopping ?? 0);
        json.WriteNumber("queued"u8, figures.Queued);
        json.WriteNumber("sent"u8, figures.Sent ?? 0);
        json.WriteNumber("running"u8, figures.Running);
        json.WriteNumber("submitted"u8, statistics.Submitted);
        json.WriteNumber("succeeded"u8, statistics.Succeeded);
        json.WriteNumber("failed"u8, statistics.Failed);
        json.WriteNumber("canceled"u8, statistics.Canceled);
        json.WriteNumber("retries"u8, statistics.Retries);
        json.WriteNumber("timedOut"u8, statistics.TimedOut);
        json.WriteNumber("abandoned"u8, statistics.Abandoned);
        json.WriteNumber("unobserved"u8, statistics.UnobservedFailures);
        json.WriteNumber("failedStarts"u8, statistics.FailedStarts);
        PictureWriter.WriteText(json, "startError", statistics.StartError);
        PictureWriter.WriteText(json, "brokenBy", statistics.BrokenBy);
        if (statistics.Resources.Count > 0) Write(json, statistics.Resources);
        json.WriteNumber("recorded"u8, recording.Recorded);
        json.WriteNumber("skipped"u8, recording.Skipped);
        PictureWriter.WriteMilliseconds(json, "shipping", recording.Shipping);
        json.WriteNumber("shippedBytes"u8, recording.ShippedBytes);
    }

    internal static void Write(Utf8JsonWriter json, IReadOnlyList<ResourceStatistics> resources)
    {
        json.WriteStartArray("resources"u8);
        foreach (var resource in resources)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, resource.Name);
            json.WriteNumber("total"u8, resource.Total);
            json.WriteNumber("inUse"u8, resource.InUse);
            json.WriteNumber("waiting"u8, resource.Waiting);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
