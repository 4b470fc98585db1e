namespace Samovar.Cluster.Protocol;

/// <summary>A resource in a <see cref="BeaconMessage"/>.</summary>
/// <param name="Name">The name.</param>
/// <param name="Total">What the node has, in ten-thousandths.</param>
/// <param name="Waiting">How many tasks that require it wait on the node.</param>
/// <param name="Uses">What tasks of each owner use, in ten-thousandths; owners without a use are left out.</param>
internal sealed record NodeResource(string Name, long Total, int Waiting, IReadOnlyList<(Guid Owner, long Amount)> Uses)
{
    /// <summary>The smallest size in bytes.</summary>
    public const int LeastSize = sizeof(int) + sizeof(long) + sizeof(int) + sizeof(int);

    private const int UseSize = 16 + sizeof(long);

    /// <summary>The same for observers.</summary>
    public ResourceStatistics Statistics =>
        new(Name, ResourceAmounts.AmountOf(Total), ResourceAmounts.AmountOf(Math.Min(Total, Uses.Sum(static use => use.Amount))), Waiting);

    public static NodeResource Read(ref MessageReader reader)
    {
        string name = reader.Text();
        long total = reader.Int64();
        if (total <= 0) throw new MessageFormatException($"A node has {total} of the resource '{name}'.");
        int waiting = Math.Clamp(reader.Int32(), 0, BeaconMessage.LargestNumber);
        var uses = new (Guid, long)[reader.Count(UseSize)];
        long left = total; // whatever a node reports, the sum fits
        for (int i = 0; i < uses.Length; i++)
        {
            uses[i] = (reader.Id(), Math.Clamp(reader.Int64(), 0, left));
            left -= uses[i].Item2;
        }

        return new NodeResource(name, total, waiting, uses);
    }

    public void Write(MessageWriter writer)
    {
        writer.Text(Name).Int64(Total).Int32(Waiting).Int32(Uses.Count);
        foreach (var (owner, amount) in Uses) writer.Id(owner).Int64(amount);
    }
}
