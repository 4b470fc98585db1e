using System.Runtime.CompilerServices;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Platform.Linux;
using Samovar.Ipc.Platform.Portable;

namespace Samovar.Processes.Recorder;

/// <summary>The file of a recording. Its space is reserved when it is created, so that writing to the mapped file cannot fail.</summary>
internal static class RecordingFile
{
    /// <summary>Creates the file, for this user only.</summary>
    /// <param name="path">The path.</param>
    /// <param name="isPortable">Whether to use no calls of Linux.</param>
    /// <exception cref="IOException">The file exists, or there is no space.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not create it.</exception>
    public static void Create(string path, bool isPortable)
    {
        if (!isPortable && OperatingSystem.IsLinux()) ReservedFile.Create(path, RecordingHeader.FileLength);
        else CreatePortable(path);
    }

    /// <summary>Maps the file, which must exist.</summary>
    /// <exception cref="IOException">The file does not exist, or has another length.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not open it.</exception>
    public static SharedSegment Open(string path, bool isPortable) =>
        !isPortable && OperatingSystem.IsLinux() ? ReservedFile.Open(path, RecordingHeader.FileLength) : OpenPortable(path);

    [MethodImpl(MethodImplOptions.NoInlining)] // so that a program on Linux does not load the code of mapped files
    private static void CreatePortable(string path) => FileSegment.Create(path, RecordingHeader.FileLength, address: default, keepsName: true).Dispose();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static FileSegment OpenPortable(string path)
    {
        var segment = FileSegment.OpenShared(path, RecordingHeader.FileLength, address: default);
        segment.Detach();
        return segment;
    }
}
