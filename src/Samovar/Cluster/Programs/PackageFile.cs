namespace Samovar.Cluster.Programs;

/// <summary>A file of a program package.</summary>
/// <param name="Name">The path in the folder of the package, with <c>/</c> between its parts.</param>
/// <param name="Length">The length in bytes.</param>
/// <param name="Hash">The SHA-256 of the content.</param>
internal sealed record PackageFile(string Name, long Length, ReadOnlyMemory<byte> Hash)
{
    private const int LongestName = 1024;

    /// <summary>Returns whether a name stays in the folder to which it is relative, on every system.</summary>
    public static bool IsSafe(string name) =>
        name.Length is > 0 and <= LongestName
        && name.AsSpan().IndexOfAny("\\:\0") < 0
        && name.Split('/').All(static part => part.Length > 0 && part.Trim('.').Length > 0);
}
