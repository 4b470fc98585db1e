namespace Samovar.Cluster.Protocol;

/// <summary>Outcomes of attempts, in the order in which they ended.</summary>
/// <param name="Address">The address of the node's reply box.</param>
/// <param name="Results">The outcomes.</param>
internal sealed record ResultsMessage(string Address, IReadOnlyList<ResultEntry> Results)
{
    public static ResultsMessage Read(ReadOnlyMemory<byte> body)
    {
        var reader = new MessageReader(body);
        string address = reader.Address();
        var results = new ResultEntry[reader.Count(ResultEntry.LeastSize)];
        for (int i = 0; i < results.Length; i++) results[i] = ResultEntry.Read(ref reader);
        return new ResultsMessage(address, results);
    }

    public MessageWriter Write()
    {
        var writer = new MessageWriter(64 + Results.Sum(static result => result.Payload.Length + ResultEntry.LeastSize)).Text(Address).Int32(Results.Count);
        foreach (var result in Results) result.Write(writer);
        return writer;
    }
}
