using System.Text.Json;
using Samovar.Diagnostics.Inspection;

namespace Samovar.Diagnostics.Watching;

/// <summary>Writes the members of clusters in a <see cref="Picture"/>.</summary>
internal static class MemberWriter
{
    private const int MostNodes = 200;
    private const int LongestError = 1_000;

    public static void Write(Utf8JsonWriter json, int number, MemberActivity member)
    {
        json.WriteNumber("member"u8, number);
        json.WriteString("role"u8, member.Role);
        PictureWriter.WriteText(json, "name", member.Name);
        PictureWriter.WriteText(json, "cluster", member.Cluster);
        if (member.Executor is { } executor) json.WriteNumber("executor"u8, executor);
        json.WriteString("state"u8, member.State);
        PictureWriter.WriteText(json, "error", member.Error, LongestError);
        json.WriteNumber("interruptions"u8, member.Interruptions);
        PictureWriter.WriteText(json, "broker", member.Broker);
        PictureWriter.WriteText(json, "endpoint", member.Endpoint);
        if (member.Limitations.Count > 0)
        {
            json.WriteStartArray("limitations"u8);
            foreach (string limitation in member.Limitations) json.WriteStringValue(limitation);
            json.WriteEndArray();
        }

        PictureWriter.WriteText(json, "build", member.Build);
        json.WriteNumber("refused"u8, member.Refused);
        if (member.Duplicates is { } duplicates) json.WriteNumber("duplicates"u8, duplicates);
        if (member.NodesLost is { } lost) json.WriteNumber("nodesLost"u8, lost);
        if (member.Received is { } received) json.WriteNumber("received"u8, received);
        PictureWriter.WriteText(json, "startError", member.StartError, LongestError);
        if (member.Self is { } self)
        {
            json.WriteStartObject("self"u8);
            WriteNode(json, self);
            json.WriteEndObject();
        }

        if (member.Executor is null) return;
        PictureWriter.WriteList(json, "nodes", member.Nodes.Take(MostNodes), WriteNode);
        json.WriteNumber("nodesTotal"u8, member.Nodes.Count);
    }

    private static void WriteNode(Utf8JsonWriter json, NodeActivity node)
    {
        json.WriteString("id"u8, node.Id);
        PictureWriter.WriteText(json, "name", node.Name);
        json.WriteString("state"u8, node.State);
        json.WriteNumber("workers"u8, node.Workers);
        json.WriteNumber("running"u8, node.Running);
        json.WriteNumber("held"u8, node.Held);
        json.WriteNumber("own"u8, node.Own);
        if (node.Resources.Count > 0) ExecutorWriter.Write(json, node.Resources);
        PictureWriter.WriteText(json, "build", node.Build);
        if (node.BeaconAge is { } age) PictureWriter.WriteMilliseconds(json, "beacon", age);
    }
}
