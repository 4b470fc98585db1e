using System.Collections.Concurrent;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Samovar.Ipc.Platform.Portable;

/// <summary>A mapped file, which has a name only until the peer has opened it.</summary>
internal sealed unsafe class FileSegment : SharedSegment
{
    private static readonly ConcurrentDictionary<string, bool> s_names = new(StringComparer.Ordinal);

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private bool _named;

    private FileSegment(
        FileStream stream, MemoryMappedFile file, MemoryMappedViewAccessor view, byte* start, long length, long beyond, SegmentAddress address, string path)
        : base(start, length, address)
    {
        _handle = stream.SafeFileHandle;
        Beyond = beyond;
        _file = file;
        _view = view;
        _path = path;
        _named = true;
    }

    public override long Beyond { get; }

    public override SafeFileHandle? File => Beyond > 0 ? _handle : null;

    /// <param name="path">The path of the file to create.</param>
    /// <param name="length">The number of bytes to map.</param>
    /// <param name="address">The segment's address.</param>
    /// <param name="keepsName">Whether other code deletes the file.</param>
    /// <param name="beyond">The number of further bytes, which take no space until they are written.</param>
    public static FileSegment Create(string path, long length, SegmentAddress address, bool keepsName = false, long beyond = 0)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            PreallocationSize = length, // a full disk is an error here, rather than a SIGBUS at the first write to the mapping
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        var stream = new FileStream(path, options);
        if (!keepsName) AddName(path);
        try
        {
            if (beyond > 0) SparseFiles.Allow(stream.SafeFileHandle);
            stream.SetLength(checked(length + beyond));
            FileSegment segment = Map(stream, length, beyond, address, path);
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

    /// <param name="path">The path of the file.</param>
    /// <param name="length">The length that it must have.</param>
    /// <param name="address">The segment's address.</param>
    /// <param name="use">Determines what deletes the file: with <see cref="SegmentUse.Consume"/> this call, with <see cref="SegmentUse.Read"/> its
    /// owner, otherwise the side that is disposed first.</param>
    public static FileSegment Open(string path, long length, SegmentAddress address, SegmentUse use)
    {
        FileSegment segment = Open(path, address, stream => stream.Length == length ? length
            : throw new ChannelCorruptedException($"{path} has {stream.Length} bytes, expected {length}."));
        if (use == SegmentUse.Consume) segment.RemoveName();
        else if (use == SegmentUse.Read) segment._named = false; // others may read it too; its owner deletes it
        return segment;
    }

    /// <summary>Opens a shared object, whose file is deleted by other code.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="length">How much of the file to map; null to use the length in its header.</param>
    /// <param name="address">The segment's address.</param>
    public static FileSegment OpenShared(string path, long? length, SegmentAddress address)
    {
        FileSegment segment = Open(path, address, stream => (length ?? SharedHeader.LengthToMap(stream.SafeFileHandle)) is var mapped && mapped <= stream.Length
            ? mapped
            : throw new ChannelCorruptedException($"{path} has {stream.Length} bytes, expected at least {mapped}."));
        segment._named = false;
        return segment;
    }

    private static FileSegment Open(string path, SegmentAddress address, Func<FileStream, long> lengthToMap)
    {
        // A symbolic link would refer to another file. Only the owner can put one there, and Samovar never does.
        var file = new FileInfo(path);
        const FileAttributes others = FileAttributes.Directory | FileAttributes.Device;
        if (file.LinkTarget is not null || (file.Exists && (file.Attributes & others) != FileAttributes.None))
            throw new ChannelCorruptedException($"{path} is not a plain file.");

        var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        try
        {
            long mapped = lengthToMap(stream);
            return Map(stream, mapped, stream.Length - mapped, address, path);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Remembers a name that this process has created, for <see cref="RemoveAllNames"/>.</summary>
    public static void AddName(string path) => s_names[path] = true;

    /// <summary>Removes all names that this process has created and not removed yet. Called before the process is terminated.</summary>
    public static void RemoveAllNames()
    {
        foreach (string path in s_names.Keys) TryDelete(path);
    }

    /// <summary>Deletes a file that may not exist any more, or that the peer may be deleting at the same time.</summary>
    public static void TryDelete(string path)
    {
        s_names.TryRemove(path, out _);
        try
        {
            System.IO.File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing is lost: on Windows a mapped file is deleted with its last handle, on other systems the next sweep deletes it.
        }
    }

    public override void RemoveName()
    {
        if (!_named) return;

        _named = false;
        TryDelete(_path);
    }

    public override void Detach()
    {
        base.Detach();
        _file.Dispose(); // the view stays mapped without it
    }

    protected override void Unmap(byte* start)
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private static FileSegment Map(FileStream stream, long length, long beyond, SegmentAddress address, string path)
    {
        var file = MemoryMappedFile.CreateFromFile(
            stream, mapName: null, length + beyond, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        MemoryMappedViewAccessor view = file.CreateViewAccessor(0, length);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        return new FileSegment(stream, file, view, start + view.PointerOffset, length, beyond, address, path);
    }
}
