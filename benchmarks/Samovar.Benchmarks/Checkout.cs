namespace Samovar.Benchmarks;

/// <summary>The repository that these benchmarks are run from.</summary>
internal static class Checkout
{
    /// <summary>The first folder upwards that holds the solution.</summary>
    public static string Root { get; } = Find();

    /// <summary>The scripts of the peers.</summary>
    public static string Peers => Path.Combine(Root, "benchmarks", "peers");

    private static string Find()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Samovar.slnx"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The benchmarks are not run from the repository: Samovar.slnx is in no folder above them.");
    }
}
