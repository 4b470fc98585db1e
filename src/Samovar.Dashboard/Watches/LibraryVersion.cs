namespace Samovar.Dashboard.Watches;

/// <summary>Compares the version of this package with that of the library: it uses members of the library that are not public.</summary>
internal static class LibraryVersion
{
    /// <summary>Requires that both packages have the same version.</summary>
    /// <exception cref="InvalidOperationException">They have not.</exception>
    public static void Require() => Require(typeof(LibraryVersion).Assembly.GetName().Version, typeof(Executor).Assembly.GetName().Version);

    /// <summary>Requires that both versions are the same.</summary>
    /// <exception cref="InvalidOperationException">They are not.</exception>
    public static void Require(Version? own, Version? library)
    {
        if (own == library) return;
        throw new InvalidOperationException(
            $"Samovar.Dashboard {own?.ToString(3)} needs the same version of Samovar, and {library?.ToString(3)} is loaded. Reference the same version of both packages.");
    }
}
