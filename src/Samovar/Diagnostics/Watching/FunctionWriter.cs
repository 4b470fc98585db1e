using System.Text.Json;
using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Watching;

/// <summary>Writes the members of a function in a <see cref="Picture"/>.</summary>
internal static class FunctionWriter
{
    public static void Write(Utf8JsonWriter json, int executor, FunctionRecord function)
    {
        json.WriteNumber("executor"u8, executor);
        PictureWriter.WriteText(json, "function", function.Name);
        json.WriteNumber("count"u8, function.Completed);
        json.WriteNumber("succeeded"u8, function.Of(AttemptOutcome.Succeeded));
        json.WriteNumber("failed"u8, function.Of(AttemptOutcome.Failed) + function.Of(AttemptOutcome.Crashed));
        json.WriteNumber("crashed"u8, function.Of(AttemptOutcome.Crashed));
        json.WriteNumber("canceled"u8, function.Of(AttemptOutcome.Canceled));
        json.WriteNumber("timedOut"u8, function.Of(AttemptOutcome.TimedOut));
        json.WriteNumber("retries"u8, function.Of(AttemptOutcome.Retried));
        Write(json, "run", function.Run);
        Write(json, "wait", function.Wait);
        if (function.Shipping.Count == 0) return;
        Write(json, "shipping", function.Shipping);
        json.WriteNumber("sentBytes"u8, function.SentBytes);
        PictureWriter.WriteText(json, "largest", function.Largest);
    }

    private static void Write(Utf8JsonWriter json, string name, TimeHistogram times)
    {
        json.WriteStartObject(name);
        json.WriteNumber("count"u8, times.Count);
        PictureWriter.WriteMilliseconds(json, "sum", times.Sum);
        PictureWriter.WriteMilliseconds(json, "p50", times.Percentile(0.5));
        PictureWriter.WriteMilliseconds(json, "p95", times.Percentile(0.95));
        PictureWriter.WriteMilliseconds(json, "p99", times.Percentile(0.99));
        PictureWriter.WriteMilliseconds(json, "max", times.Max);
        json.WriteStartArray("buckets"u8);
        foreach (var (upTo, count) in times.Buckets())
        {
            json.WriteStartArray();
            json.WriteNumberValue(Math.Round(upTo.TotalMilliseconds, 3));
            json.WriteNumberValue(count);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
