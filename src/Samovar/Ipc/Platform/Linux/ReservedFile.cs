using System.Runtime.Versioning;

namespace Samovar.Ipc.Platform.Linux;

/// <summary>A mapped file with a name that stays: its contents outlive every process that maps it. Its creator reserves its space, so that a write to
/// the memory cannot fail.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class ReservedFile : SharedSegment
{
    private ReservedFile(byte* start, long length)
        : base(start, length, address: default)
    {
    }

    /// <summary>Creates a file that only this user can read and write. Other code deletes it.</summary>
    /// <exception cref="IOException">The path exists, or the system refused.</exception>
    public static void Create(string path, long length)
    {
        int descriptor = LinuxMemory.CreateFile(path);
        try
        {
            LinuxMemory.Reserve(descriptor, length);
        }
        catch
        {
            Portable.FileSegment.TryDelete(path);
            throw;
        }
        finally
        {
            LinuxMemory.Close(descriptor);
        }
    }

    /// <summary>Maps a file that exists.</summary>
    /// <exception cref="IOException">The file does not exist, has another length, or the system refused.</exception>
    public static ReservedFile Open(string path, long length)
    {
        int descriptor = LinuxMemory.Open(path);
        try
        {
            long found = LinuxMemory.Length(descriptor);
            if (found != length) throw new IOException($"{path} has {found} bytes, expected {length}.");
            return new ReservedFile(LinuxMemory.Map(descriptor, length), length); // the mapping stays without the descriptor
        }
        finally
        {
            LinuxMemory.Close(descriptor);
        }
    }

    protected override void Unmap(byte* start) => LinuxMemory.Unmap(start, Length);
}
