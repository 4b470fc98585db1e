namespace Samovar.Cache.Storage;

/// <summary>How an index is opened.</summary>
internal enum IndexMode
{
    /// <summary>For reading and writing; it is created if it does not exist.</summary>
    Write,

    /// <summary>For reading, next to processes that write.</summary>
    Read,

    /// <summary>For reading, in a folder where not even the locks of readers can be written.</summary>
    ReadUnlocked,
}
