namespace Samovar.Benchmarks;

/// <summary>The repository from which the benchmarks run.</summary>
internal static class Checkout
{
    /// <summary>Gets the nearest parent folder that contains the solution.</summary>
    public static string Root { get; } = Find();

    /// <summary>Gets the folder with the scripts of the peers.</summary>
    public static string Peers => Path.Combine(Root, "benchmarks", "peers");

    private static string Find()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Samovar.slnx"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException(
            $"The benchmarks must run from the repository: no parent folder of {AppContext.BaseDirectory} contains Samovar.slnx.");
    }
}
