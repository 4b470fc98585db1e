namespace Samovar.Tests.Architecture;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Repository
{
    /// <summary>The first folder upwards from the tests that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every C# file under src, as a path relative to the root, with its lines.</summary>
    public static IEnumerable<(string Path, string[] Lines)> Sources() => Sources("src");

    /// <summary>Every C# file under a folder, as a path relative to the root, with its lines.</summary>
    public static IEnumerable<(string Path, string[] Lines)> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Select(file => (Path.GetRelativePath(Root, file).Replace('\\', '/'), File.ReadAllLines(file)));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Samovar.slnx")))
            folder = folder.Parent ?? throw new InvalidOperationException($"no Samovar.slnx above {AppContext.BaseDirectory}");
        return folder.FullName;
    }
}
