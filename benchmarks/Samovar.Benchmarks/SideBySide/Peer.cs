using Samovar.Benchmarks.Contestants;

namespace Samovar.Benchmarks.SideBySide;

/// <summary>A contestant of a row, and how it is started. It uses the same protocol as <see cref="ContestantServer"/>.</summary>
/// <param name="Name">The display name; the row's id and this name are the contestant's key.</param>
/// <param name="Program">The command line, up to <c>--serve</c>.</param>
/// <param name="IsQuick">Whether a quick run measures it, which only includes contestants close to the best.</param>
internal sealed record Peer(string Name, IReadOnlyList<string> Program, bool IsQuick = true)
{
    public const string Ours = "Samovar";

    /// <summary>Gets the id of the row whose contestant this is, if it is shared from another row.</summary>
    public string? Row { get; init; }

    /// <summary>Gets whether it does the same work, so that it can be the best peer; otherwise, its figure is shown without a rank.</summary>
    public bool IsRanked { get; init; } = true;

    /// <summary>Gets Samovar itself.</summary>
    public static Peer Samovar { get; } = DotNet(Ours);

    /// <summary>Creates a contestant that is part of this program.</summary>
    public static Peer DotNet(string name) => new(name, BareProgram.Command);

    public static Peer Python(string script, string name) => new(name, ["python3", Path.Combine(Checkout.Peers, script)]);

    public static Peer Node(string script, string name) => new($"Node {name}", ["node", Path.Combine(Checkout.Peers, script)]);

    /// <summary>Returns a copy that quick runs skip, because another contestant was faster on every machine so far.</summary>
    public Peer Thorough() => this with { IsQuick = false };

    /// <summary>Returns a copy that does different work, and is shown for comparison without a rank.</summary>
    public Peer Aside() => this with { IsRanked = false, IsQuick = false };

    /// <summary>Returns the command line that starts the contestant of a row or curve.</summary>
    public string[] Start(string id, double scale)
    {
        string share = scale.ToString(System.Globalization.CultureInfo.InvariantCulture);
        bool isOwn = ReferenceEquals(Program, BareProgram.Command);
        return [.. Program, isOwn ? "side" : "--serve", $"{Row ?? id} {Name}", share];
    }
}
