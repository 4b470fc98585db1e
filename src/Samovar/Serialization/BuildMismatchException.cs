namespace Samovar.Serialization;

/// <summary>The exception thrown when the two sides run different builds of an assembly, so that types and methods cannot be matched.</summary>
/// <remarks>The usual cause is an assembly file that was rebuilt while the program ran.</remarks>
public sealed class BuildMismatchException : ShippingException
{
    /// <summary>Initializes the exception with a message that describes the mismatch.</summary>
    /// <param name="assembly">The simple name of the assembly.</param>
    /// <param name="sent">The module version id (MVID) of the build that the sender runs.</param>
    /// <param name="found">The module version id of the build found in this process; null if this process has no such assembly.</param>
    /// <param name="location">The file of the build that was found or could not be loaded; null or empty if unknown.</param>
    /// <param name="innerException">The loader's exception; null if the loader reported none.</param>
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

    /// <summary>Gets the simple name of the assembly.</summary>
    public string Assembly { get; }

    /// <summary>Gets the module version id of the build that the sender runs.</summary>
    public Guid Sent { get; }

    /// <summary>Gets the module version id of the build found in this process; null if this process has no such assembly.</summary>
    public Guid? Found { get; }

    /// <summary>Creates the exception for a plug-in that the sender has reloaded while this process keeps an earlier build.</summary>
    /// <param name="assembly">The simple name of the assembly.</param>
    /// <param name="sent">The module version id of the build that the sender runs.</param>
    /// <param name="earlier">The module version id of the build that is loaded in this process.</param>
    /// <param name="location">The file that the earlier build was loaded from.</param>
    /// <param name="innerException">The loader's exception; null if the loader reported none.</param>
    internal static BuildMismatchException OfReload(string assembly, Guid sent, Guid earlier, string location, Exception? innerException) =>
        new($"This worker has loaded an earlier build ({earlier:D}) of assembly '{assembly}' from '{location}' and cannot replace it, "
            + $"but the sender runs build {sent:D}. Recreate the executor after reloading such a file, or load each build from its own folder.",
            assembly, sent, earlier, innerException);

    private static string Describe(string assembly, Guid sent, Guid? found, string? location) => found is null && !string.IsNullOrEmpty(location)
        ? $"Assembly '{assembly}' (build {sent:D}) cannot be loaded from '{location}', the file that the sender loaded. "
            + "Do not change or remove that file while the program runs."
        : found is null
        ? $"Assembly '{assembly}' (build {sent:D}) is not part of this process, so its types and methods cannot be used here. "
            + "Reference it from the program, or load it before the first message arrives."
        : $"Assembly '{assembly}' was rebuilt: the sender runs build {sent:D}, but this process found build {found:D}"
            + (string.IsNullOrEmpty(location) ? ". " : $" in '{location}'. ")
            + "Restart the program (or recreate the executor) so that both sides load the same file.";
}
