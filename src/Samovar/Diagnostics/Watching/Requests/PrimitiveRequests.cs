using System.Text.Json;
using Samovar.Diagnostics.Inspection;

namespace Samovar.Diagnostics.Watching.Requests;

/// <summary>The queues, locks and other objects for coordination that watchers request.</summary>
internal static class PrimitiveRequests
{
    private const int LargestPage = 500;
    private const int MostHolders = 20;

    /// <summary>Writes those that match a text, the ones with waiters first.</summary>
    public static void Write(Utf8JsonWriter json, RequestArguments arguments, HoldWatch holds)
    {
        string? text = arguments.Text("text");
        int limit = (int)Math.Clamp(arguments.Number("limit") ?? 200, 1, LargestPage);
        var found = PrimitiveRegistry.Capture()
            .FindAll(one => text is null || one.Kind.Contains(text, StringComparison.OrdinalIgnoreCase) || one.Name?.Contains(text, StringComparison.OrdinalIgnoreCase) == true);
        json.WriteNumber("total"u8, found.Count);
        json.WriteNumber("omitted"u8, PrimitiveRegistry.Omitted);
        var sorted = found.OrderByDescending(static one => one.Waiting + (one.Putting ?? 0)).ThenBy(static one => one.Name is null).ThenBy(static one => one.Name, StringComparer.Ordinal);
        PictureWriter.WriteList(json, "primitives", sorted.Take(limit), (json, one) => WriteMembers(json, one, holds.HeldFor(one)));
    }

    private static void WriteMembers(Utf8JsonWriter json, PrimitiveActivity one, TimeSpan? heldFor)
    {
        json.WriteNumber("id"u8, one.Id);
        json.WriteString("kind"u8, one.Kind);
        PictureWriter.WriteText(json, "name", one.Name);
        json.WriteString("state"u8, one.State);
        json.WriteBoolean("shared"u8, one.IsShared);
        WriteNumber(json, "count", one.Count);
        WriteNumber(json, "capacity", one.Capacity);
        json.WriteStartArray("holders"u8);
        foreach (string holder in one.Holders.Take(MostHolders)) json.WriteStringValue(holder);
        json.WriteEndArray();
        json.WriteNumber("holdersTotal"u8, one.Holders.Count);
        if (heldFor is { } time) PictureWriter.WriteMilliseconds(json, "heldFor", time);
        json.WriteNumber("waiting"u8, one.Waiting);
        WriteNumber(json, "putting", one.Putting);
        WriteNumber(json, "waits", one.Waits);
        WriteNumber(json, "abandonments", one.Abandonments);
        WriteNumber(json, "put", one.Put);
        WriteNumber(json, "taken", one.Taken);
        WriteNumber(json, "lost", one.Lost);
        WriteNumber(json, "processes", one.Processes);
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } value) json.WriteNumber(name, value);
    }
}
