namespace Samovar.Ipc.Platform;

/// <summary>
/// Names a segment to a peer by two numbers, never by a path: the opener builds the path itself, so a hostile peer cannot make it open a file of the
/// peer's choice.
/// </summary>
/// <param name="OwnerId">The process that created the segment.</param>
/// <param name="Number">Linux: the segment's file descriptor in that process. Portable: a random number, part of a file name.</param>
internal readonly record struct SegmentAddress(int OwnerId, long Number);
