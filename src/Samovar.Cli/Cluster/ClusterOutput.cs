using Spectre.Console;

namespace Samovar.Cli.Cluster;

/// <summary>Where a command for clusters writes.</summary>
/// <param name="Results">Receives what was requested.</param>
/// <param name="Log">Receives remarks and progress.</param>
internal sealed record ClusterOutput(TextWriter Results, TextWriter Log)
{
    public static ClusterOutput Standard => new(Console.Out, Console.Error);

    /// <summary>Writes a page to the results, with colour and wrapping only on a terminal.</summary>
    public void Page(Action<IAnsiConsole> page)
    {
        if (ReferenceEquals(Results, Console.Out)) Terminal.Write(page);
        else Terminal.WritePlain(page, Results);
    }

    public void Say(string what) => Log.WriteLine($"samovar: {what}");
}
