namespace Samovar.Cache.Storage;

/// <summary>What keeps a cache from working. Each is reported once.</summary>
internal enum FailureKind
{
    /// <summary>The folder cannot be used at all.</summary>
    Unusable,

    /// <summary>The folder can be read, not written.</summary>
    ReadOnly,

    /// <summary>The disk is full, or a file could not be written.</summary>
    NotWritten,

    /// <summary>Another process has locked the index for too long.</summary>
    Locked,

    /// <summary>The index is damaged.</summary>
    DamagedIndex,

    /// <summary>A result is damaged.</summary>
    DamagedResult,
}
