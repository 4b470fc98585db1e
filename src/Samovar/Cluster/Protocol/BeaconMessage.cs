namespace Samovar.Cluster.Protocol;

/// <summary>What a node reports of itself every few seconds, and when it leaves.</summary>
/// <param name="Name">The name of the node.</param>
/// <param name="Address">The address of its reply box.</param>
/// <param name="State">Whether it accepts tasks.</param>
/// <param name="Workers">How many tasks it runs at the same time.</param>
/// <param name="Running">How many tasks it runs.</param>
/// <param name="Held">How many tasks it has received and not claimed.</param>
internal sealed record BeaconMessage(string Name, string Address, NodeState State, int Workers, int Running, int Held)
{
    /// <summary>How often a node reports that it exists.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>The resources of the node, at the end of the message: members of an older version ignore them.</summary>
    public IReadOnlyList<NodeResource> Resources { get; init; } = [];

    /// <summary>Larger numbers are not believed.</summary>
    public const int LargestNumber = 1_000_000;

    public static BeaconMessage Read(ReadOnlyMemory<byte> body)
    {
        var reader = new MessageReader(body);
        var beacon = new BeaconMessage(
            reader.Text(), reader.Address(), (NodeState)reader.Byte(), Number(reader.Int32()), Number(reader.Int32()), Number(reader.Int32()));
        if (reader.IsAtEnd) return beacon; // of an older version
        int count = reader.Count(NodeResource.LeastSize);
        if (count == 0) return beacon;
        var resources = new NodeResource[count];
        for (int i = 0; i < resources.Length; i++) resources[i] = NodeResource.Read(ref reader);
        return beacon with { Resources = resources };
    }

    public MessageWriter Write()
    {
        var writer = new MessageWriter().Text(Name).Text(Address).Byte((byte)State).Int32(Workers).Int32(Running).Int32(Held).Int32(Resources.Count);
        foreach (var resource in Resources) resource.Write(writer);
        return writer;
    }

    private static int Number(int value) => Math.Clamp(value, 0, LargestNumber);
}
