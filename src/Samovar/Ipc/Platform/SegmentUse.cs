namespace Samovar.Ipc.Platform;

/// <summary>What an opener does with a segment.</summary>
internal enum SegmentUse
{
    /// <summary>Reads and writes it as long as the owner lives.</summary>
    Share,

    /// <summary>Reads it once; its memory and name are released when the opener disposes it.</summary>
    Consume,

    /// <summary>Reads it, and cannot write it; its owner fills it again later.</summary>
    Read,
}
