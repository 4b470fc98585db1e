using Samovar.Tasks.Core;

namespace Samovar.Cluster.Protocol;

/// <summary>What a task requires of the node that it was sent to.</summary>
/// <param name="Priority">Its priority among those that wait there.</param>
/// <param name="Amounts">The resources with their amounts in ten-thousandths.</param>
internal sealed record TaskRequirements(TaskPriority Priority, IReadOnlyList<KeyValuePair<string, long>> Amounts)
{
    private const int LeastSize = sizeof(int) + sizeof(long);

    public static TaskRequirements Read(ref MessageReader reader)
    {
        var priority = (TaskPriority)(reader.Byte() - 1);
        if (!Enum.IsDefined(priority)) throw new MessageFormatException($"The priority {priority} does not exist.");
        var amounts = new KeyValuePair<string, long>[reader.Count(LeastSize)];
        if (amounts.Length > ResourceLedger.MostResources) throw new MessageFormatException($"A task requires {amounts.Length} resources; at most {ResourceLedger.MostResources} are possible.");
        for (int i = 0; i < amounts.Length; i++)
        {
            amounts[i] = new(reader.Text(), reader.Int64());
            if (amounts[i].Value <= 0) throw new MessageFormatException($"A task requires {amounts[i].Value} of the resource '{amounts[i].Key}'.");
        }

        return new TaskRequirements(priority, amounts);
    }

    public void Write(MessageWriter writer)
    {
        writer.Byte((byte)(Priority + 1)).Int32(Amounts.Count);
        foreach (var (name, amount) in Amounts) writer.Text(name).Int64(amount);
    }
}
