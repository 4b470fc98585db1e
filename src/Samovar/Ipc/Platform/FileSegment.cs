using System.Collections.Concurrent;
using System.IO.MemoryMappedFiles;

namespace Samovar.Ipc;

/// <summary>A mapped file, named only until the peer has opened it.</summary>
internal sealed unsafe class FileSegment : SharedSegment
{
    private static readonly ConcurrentDictionary<string, bool> s_names = new(StringComparer.Ordinal);

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly string _path;
    private bool _named;

    private FileSegment(MemoryMappedFile file, MemoryMappedViewAccessor view, byte* start, long length, SegmentAddress address, string path)
        : base(start, length, address)
    {
        _file = file;
        _view = view;
        _path = path;
        _named = true;
    }

    /// <param name="path">Of the file to make.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="address">Its own.</param>
    /// <param name="keepsName">The file is somebody else's to delete.</param>
    public static FileSegment Create(string path, long length, SegmentAddress address, bool keepsName = false)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            PreallocationSize = length, // a full disk is an error here, and not a SIGBUS where the mapping is first written to
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        var stream = new FileStream(path, options);
        if (!keepsName)
            AddName(path);
        try
        {
            stream.SetLength(length);
            FileSegment segment = Map(stream, length, address, path);
            segment._named = !keepsName;
            return segment;
        }
        catch
        {
            stream.Dispose();
            TryDelete(path);
            throw;
        }
    }

    /// <param name="path">Of the file.</param>
    /// <param name="length">What it must have; null for what it has.</param>
    /// <param name="address">Its own.</param>
    /// <param name="use">Whether to delete it.</param>
    /// <param name="keepsName">The file is somebody else's to delete.</param>
    public static FileSegment Open(string path, long? length, SegmentAddress address, SegmentUse use, bool keepsName = false)
    {
        // A link in place of the file would lead elsewhere; only the owner can put one there, but nothing asks for it.
        var file = new FileInfo(path);
        const FileAttributes others = FileAttributes.Directory | FileAttributes.Device;
        if (file.LinkTarget is not null || (file.Exists && (file.Attributes & others) != FileAttributes.None))
            throw new ChannelCorruptedException($"{path} is not a plain file.");

        var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        try
        {
            if (length is { } expected && stream.Length != expected)
                throw new ChannelCorruptedException($"{path} has {stream.Length} bytes, expected {expected}.");

            FileSegment segment = Map(stream, stream.Length, address, path);
            segment._named = !keepsName;
            if (use == SegmentUse.Consume)
                segment.RemoveName();
            return segment;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Remembers a name that this process has made, for <see cref="RemoveAllNames"/>.</summary>
    public static void AddName(string path) => s_names[path] = true;

    /// <summary>This process is about to be ended: removes every name that it has made and not removed yet.</summary>
    public static void RemoveAllNames()
    {
        foreach (string path in s_names.Keys)
            TryDelete(path);
    }

    /// <summary>Deletes a file that may be gone already, or be deleted by the peer at this moment.</summary>
    public static void TryDelete(string path)
    {
        s_names.TryRemove(path, out _);
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing is lost: on Windows a mapped file goes with its last handle, elsewhere the next sweep takes it.
        }
    }

    public override void RemoveName()
    {
        if (!_named)
            return;

        _named = false;
        TryDelete(_path);
    }

    protected override void Unmap(byte* start)
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private static FileSegment Map(FileStream stream, long length, SegmentAddress address, string path)
    {
        var file = MemoryMappedFile.CreateFromFile(
            stream, mapName: null, length, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        MemoryMappedViewAccessor view = file.CreateViewAccessor(0, length);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        return new FileSegment(file, view, start + view.PointerOffset, length, address, path);
    }
}
