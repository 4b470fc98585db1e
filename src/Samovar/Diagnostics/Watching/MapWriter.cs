using System.Text.Json;
using Samovar.Diagnostics.Inspection;

namespace Samovar.Diagnostics.Watching;

/// <summary>Writes the maps of a <see cref="Picture"/>.</summary>
internal static class MapWriter
{
    /// <summary>The maximum number of maps in a picture.</summary>
    public const int Most = 32;

    /// <summary>Writes the maps of all executors: those that run first, the oldest first.</summary>
    public static void Write(Utf8JsonWriter json, IEnumerable<ExecutorPicture> executors, bool showsArguments)
    {
        var maps = executors.SelectMany(static executor => executor.Maps.Select(map => (executor.Number, map))).ToList();
        PictureWriter.WriteList(json, "maps", maps.OrderBy(static one => one.map.HasEnded).Take(Most), (json, one) => Write(json, one.Number, one.map, showsArguments));
        json.WriteNumber("mapsTotal"u8, maps.Count);
    }

    private static void Write(Utf8JsonWriter json, int executor, MapActivity map, bool showsArguments)
    {
        json.WriteNumber("executor"u8, executor);
        json.WriteNumber("id"u8, map.Number);
        PictureWriter.WriteText(json, "name", map.Name);
        PictureWriter.WriteText(json, "function", map.Function);
        if (map.Total is { } total) json.WriteNumber("total"u8, total);
        json.WriteNumber("done"u8, map.Completed);
        json.WriteNumber("failed"u8, map.Failed);
        json.WriteNumber("canceled"u8, map.Canceled);
        json.WriteNumber("running"u8, map.Running);
        json.WriteNumber("rate"u8, Math.Round(map.Rate, 3));
        PictureWriter.WriteMilliseconds(json, "elapsed", map.Elapsed);
        if (map.Left is { } left) PictureWriter.WriteMilliseconds(json, "left", left);
        if (map.HasEnded) json.WriteBoolean("ended"u8, true);
        if (map.Times is { } times)
        {
            json.WriteStartObject("run"u8);
            json.WriteNumber("count"u8, times.Count);
            PictureWriter.WriteMilliseconds(json, "p50", times.Percentile(0.5));
            PictureWriter.WriteMilliseconds(json, "p95", times.Percentile(0.95));
            PictureWriter.WriteMilliseconds(json, "p99", times.Percentile(0.99));
            PictureWriter.WriteMilliseconds(json, "max", times.Max);
            json.WriteEndObject();
        }

        PictureWriter.WriteList(json, "slowest", map.Slowest, (json, item) =>
        {
            json.WriteNumber("index"u8, item.Index);
            PictureWriter.WriteMilliseconds(json, "took", item.Took);
            if (showsArguments && item.Text.Length > 0) PictureWriter.WriteText(json, "item", item.Text);
            PictureWriter.WriteText(json, "worker", item.Worker);
        });
    }
}
