namespace Samovar.Cache.Storage;

/// <summary>Thrown when the index has a format that this version does not know.</summary>
internal sealed class IndexVersionException(long found)
    : Exception($"The index has format {found}, and this version of Samovar.Cache reads format {ResultIndex.Format}. Delete the folder, or use another one.");
