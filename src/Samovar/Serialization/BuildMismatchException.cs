namespace Samovar.Serialization;

/// <summary>The two sides do not run the same build of an assembly, so that neither types nor methods can be matched.</summary>
/// <remarks>The usual cause is a dll that was rebuilt while the program ran.</remarks>
public sealed class BuildMismatchException : ShippingException
{
    /// <summary>Creates the error.</summary>
    /// <param name="assembly">Simple name of the assembly.</param>
    /// <param name="sent">Module version id (MVID) of the build that the sender runs.</param>
    /// <param name="found">Module version id of the build found here; null if there is no such assembly here.</param>
    /// <param name="location">File of the build found here; null or empty if unknown.</param>
    /// <param name="innerException">What the loader said, if it was asked.</param>
    public BuildMismatchException(string assembly, Guid sent, Guid? found, string? location, Exception? innerException = null)
        : base(Describe(assembly, sent, found, location), innerException)
    {
        Assembly = assembly;
        Sent = sent;
        Found = found;
    }

    private BuildMismatchException(string message, string assembly, Guid sent, Guid found, Exception? innerException)
        : base(message, innerException)
    {
        Assembly = assembly;
        Sent = sent;
        Found = found;
    }

    /// <summary>Simple name of the assembly.</summary>
    public string Assembly { get; }

    /// <summary>Module version id of the build that the sender runs.</summary>
    public Guid Sent { get; }

    /// <summary>Module version id of the build found here; null if there is no such assembly here.</summary>
    public Guid? Found { get; }

    /// <summary>The error of a plug-in that the sender has loaded again while this process keeps an earlier build.</summary>
    /// <param name="assembly">Simple name of the assembly.</param>
    /// <param name="sent">Module version id of the build that the sender runs.</param>
    /// <param name="earlier">Module version id of the build that is loaded here.</param>
    /// <param name="location">File that the earlier build was loaded from.</param>
    /// <param name="innerException">What the loader said, if it said something.</param>
    internal static BuildMismatchException OfReload(string assembly, Guid sent, Guid earlier, string location, Exception? innerException) =>
        new($"This worker has loaded an earlier build ({earlier:D}) of assembly '{assembly}' from '{location}' and keeps it, while the sender runs build {sent:D}. "
            + "Recreate the executor after such a file was loaded again, or load each build from a folder of its own.", assembly, sent, earlier, innerException);

    private static string Describe(string assembly, Guid sent, Guid? found, string? location) => found is null && !string.IsNullOrEmpty(location)
        ? $"Assembly '{assembly}' (build {sent:D}) cannot be loaded from '{location}', where the sender has loaded it from. "
            + "Keep that file as it is while the program runs."
        : found is null
        ? $"Assembly '{assembly}' (build {sent:D}) is not part of this process, so its types and methods cannot be used here. "
            + "Reference it from the program, or load it before work arrives."
        : $"Assembly '{assembly}' was rebuilt: the sender runs build {sent:D}, this process found build {found:D}"
            + (string.IsNullOrEmpty(location) ? ". " : $" in '{location}'. ")
            + "Restart the program (or recreate the executor) so that both sides load the same file.";
}
