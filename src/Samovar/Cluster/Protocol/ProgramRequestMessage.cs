namespace Samovar.Cluster.Protocol;

/// <summary>A node does not have the program that an owner's tasks need.</summary>
/// <param name="Build">The build of the program.</param>
/// <param name="Node">The name of the node.</param>
/// <param name="Address">The address of the node's reply box.</param>
internal sealed record ProgramRequestMessage(BuildId Build, string Node, string Address)
{
    public static ProgramRequestMessage Read(ReadOnlyMemory<byte> body)
    {
        var reader = new MessageReader(body);
        return new ProgramRequestMessage(BuildId.Read(reader.Raw(BuildId.Size).Span), reader.Text(), reader.Address());
    }

    public MessageWriter Write()
    {
        Span<byte> build = stackalloc byte[BuildId.Size];
        Build.CopyTo(build);
        return new MessageWriter().Raw(build).Text(Node).Text(Address);
    }
}
