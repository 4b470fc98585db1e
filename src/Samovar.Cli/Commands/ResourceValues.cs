using System.CommandLine;
using System.Globalization;
using Samovar.Cli.Map.Running;
using Samovar.Tasks.Core;

namespace Samovar.Cli.Commands;

/// <summary>The option <c>--resource NAME=AMOUNT</c>, which may be repeated.</summary>
internal static class ResourceValues
{
    private const string Name = "--resource";

    public static Option<string[]> Option(string description) => new(Name) { HelpName = "NAME=AMOUNT", Description = description };

    /// <summary>Returns the resources that the values of the option name.</summary>
    /// <exception cref="UsageException">A value has another form, or an amount that is not possible; or a name is given twice.</exception>
    public static ResourceAmounts Read(IReadOnlyList<string> values)
    {
        if (values.Count > ResourceLedger.MostResources) throw new UsageException($"{Name} is given {values.Count} times; a node has at most {ResourceLedger.MostResources} resources.");
        var amounts = new ResourceAmounts();
        foreach (string value in values) Add(amounts, value);
        return amounts;
    }

    private static void Add(ResourceAmounts amounts, string value)
    {
        int border = value.IndexOf('=', StringComparison.Ordinal);
        if (border < 0) throw new UsageException($"{Name} takes NAME=AMOUNT, such as gpu=2 or memory=64GiB, not '{value}'.");
        string name = value[..border].Trim(), text = value[(border + 1)..].Trim();
        if (name.Length == 0) throw new UsageException($"{Name} '{value}' names no resource. It takes NAME=AMOUNT, such as gpu=2 or memory=64GiB.");
        if (!TryParseAmount(text, out double amount))
            throw new UsageException($"{Name} '{value}' has the amount '{text}', which is not a number such as 2 or 0.5, nor a size such as 512MiB or 64GiB.");

        try
        {
            amounts.Add(name, amount);
        }
        catch (ArgumentException error)
        {
            // Its first line is the reason, followed by the name of a parameter that the command line does not have.
            string reason = error.Message.Split('\n')[0].Trim();
            int parameter = reason.IndexOf(" (Parameter '", StringComparison.Ordinal);
            throw new UsageException($"{Name} '{value}' is not possible. {(parameter < 0 ? reason : reason[..parameter])}");
        }
    }

    private static bool TryParseAmount(string text, out double amount)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out amount)) return true;
        long? size = Units.TryParseSize(text);
        amount = size ?? 0;
        return size is not null;
    }
}
