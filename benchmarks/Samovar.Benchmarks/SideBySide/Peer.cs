using Samovar.Benchmarks.Contestants;

namespace Samovar.Benchmarks.SideBySide;

/// <summary>A contestant that does a row's work in comparison with Samovar, and how it is started: it responds as <see cref="ContestantServer"/> does.</summary>
/// <param name="Name">As it is shown; with the row's id before it, the name of the contestant.</param>
/// <param name="Program">What is started, with the words that belong before <c>--serve</c>.</param>
/// <param name="IsQuick">Whether it is measured when time is short: those that are near the best.</param>
internal sealed record Peer(string Name, IReadOnlyList<string> Program, bool IsQuick = true)
{
    public const string Ours = "Samovar";

    /// <summary>The row whose contestant this is, where it is another's.</summary>
    public string? Row { get; init; }

    /// <summary>Whether it does the same work, so that it can be the best peer; otherwise its figure is shown without a rank.</summary>
    public bool IsRanked { get; init; } = true;

    /// <summary>Samovar itself.</summary>
    public static Peer Samovar { get; } = DotNet(Ours);

    /// <summary>A contestant of this program.</summary>
    public static Peer DotNet(string name) => new(name, BareProgram.Command);

    public static Peer Python(string script, string name) => new(name, ["python3", Path.Combine(Checkout.Peers, script)]);

    public static Peer Node(string script, string name) => new($"Node {name}", ["node", Path.Combine(Checkout.Peers, script)]);

    /// <summary>The same, left out when time is short: another is better on every machine that was seen.</summary>
    public Peer Thorough() => this with { IsQuick = false };

    /// <summary>The same, which does other work, shown for what it is worth and not ranked.</summary>
    public Peer Aside() => this with { IsRanked = false, IsQuick = false };

    /// <summary>The words that start the contestant of a row or curve.</summary>
    public string[] Start(string id, double scale)
    {
        string share = scale.ToString(System.Globalization.CultureInfo.InvariantCulture);
        bool isOwn = ReferenceEquals(Program, BareProgram.Command);
        return [.. Program, isOwn ? "side" : "--serve", $"{Row ?? id} {Name}", share];
    }
}
