using System.Collections.ObjectModel;
using System.Globalization;
using System.Text;
using Samovar.Ipc;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Protocol;

/// <summary>The text in which a worker gets the resources of a task: a line for each, with the name, the amount in ten-thousandths, and the units in
/// hexadecimal, one bit each, separated by tabs.</summary>
internal static class SentResources
{
    /// <summary>Returns the text for the resources that an attempt has; empty if it has none.</summary>
    public static string TextOf(Future task)
    {
        var text = new StringBuilder();
        foreach (var (name, granted) in task.Options.Granted ?? ReadOnlyDictionary<string, GrantedResource>.Empty)
        {
            ulong units = 0;
            foreach (int unit in granted.Indexes) units |= 1UL << unit;
            text.Append(CultureInfo.InvariantCulture, $"{name}\t{ResourceAmounts.UnitsFor(granted.Amount)}\t{units:x}\n");
        }

        if (task.Controls?.Grant is not { } grant) return text.ToString();
        var parts = grant.Request.Parts;
        for (int i = 0; i < parts.Length; i++)
            text.Append(CultureInfo.InvariantCulture, $"{grant.Ledger.NameOf(parts[i].Place)}\t{parts[i].Amount}\t{grant.Units[i].Units:x}\n");
        return text.ToString();
    }

    /// <summary>Reads the text.</summary>
    /// <exception cref="ChannelCorruptedException">The text does not have this form.</exception>
    public static IReadOnlyDictionary<string, GrantedResource>? Read(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return null;
        var resources = new Dictionary<string, GrantedResource>(StringComparer.Ordinal);
        foreach (string line in new string(text).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.Split('\t');
            if (fields.Length != 3
                || !long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out long amount)
                || !ulong.TryParse(fields[2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong units))
            {
                throw new ChannelCorruptedException($"The resources of a task have the invalid line '{line}'.");
            }

            resources[fields[0]] = ResourceGrant.Describe(amount, units);
        }

        return resources;
    }
}
