using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Samovar.Ipc.Platform.Portable;

// An object is a mapped file, samovar.<number>.mem or samovar.n-<name>.mem, and an empty file .use next to it. Each holder has the .use file open for
// reading and shares it with readers only: opening it without sharing succeeds if, and only if, no process holds the object any more. The operating
// system closes it for processes that die.
//
// 1. A holder opens the .use file with sharing, then checks that it still exists, then opens the .mem file.
// 2. A process that closes or creates an object tries to open .use files without sharing. If that succeeds, it deletes both files.

/// <summary>Shared objects in mapped files, for systems without anonymous shared memory.</summary>
/// <remarks>A file whose last process was killed remains until the next process creates an object.</remarks>
internal sealed class PortableSharedStore : SharedStore
{
    private const string Prefix = "samovar.";
    private const string Memory = ".mem";
    private const string Unfinished = ".new";
    private const string Use = ".use";
    private const int FileExists = 17; // EEXIST
    private const int FileExistsOnWindows = unchecked((int)0x80070050); // ERROR_FILE_EXISTS

    /// <summary>How long the creation of an object waits for other processes to finish its removal, which takes microseconds.</summary>
    private static readonly TimeSpan s_longestRemoval = TimeSpan.FromSeconds(10);

    private readonly string _directory;

    public PortableSharedStore()
    {
        _directory = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
    }

    public override ChannelKind Kind => ChannelKind.Portable;

    public override SharedSegment Create(long length, long beyond, string? name, ChannelCookie cookie, Action<SharedSegment> layOut)
    {
        foreach (string use in Directory.EnumerateFiles(_directory, $"{Prefix}*{Use}")) RemoveIfUnused(use[..^Use.Length]);

        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            long number = name is null ? BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) : 0;
            string path = PathOf(number, name);
            bool isNew = TryMake(path + Use);
            if (TryHold(path) is not { } use)
            {
                // It is being removed: another process that creates an object found it unused.
                if (Stopwatch.GetElapsedTime(began) < s_longestRemoval) continue;
                throw new IOException($"'{path}{Use}' exists and cannot be opened. Remove it if no program uses it.");
            }

            if (!isNew)
            {
                use.Dispose();
                throw Taken(name ?? path);
            }

            try
            {
                // The object gets its final name, by which it is found, only when it is complete.
                FileSegment memory = FileSegment.Create(path + Unfinished, length, new SegmentAddress(0, number), keepsName: true, beyond);
                var held = new HeldSegment(memory, use, path);
                layOut(held);
                File.Move(path + Unfinished, path + Memory);
                return held;
            }
            catch
            {
                use.Dispose();
                RemoveIfUnused(path);
                throw;
            }
        }
    }

    public override SharedSegment Open(in SharedHandle handle) => Open(PathOf(handle.Number, null), handle.Number, handle.Length)
        ?? throw new SharedObjectException(SharedObjectFault.NotFound, "The shared object no longer exists: its holders have released it or exited. Hold it until the receiver has it.");

    public override SharedSegment OpenNamed(string name) => Open(PathOf(0, name), 0, null) ?? throw NotFound(name);

    private static HeldSegment? Open(string path, long number, long? length)
    {
        FileStream? use = TryHold(path);
        if (use is null) return null;
        try
        {
            FileSegment memory = FileSegment.OpenShared(path + Memory, length, new SegmentAddress(0, number));
            return new HeldSegment(memory, use, path);
        }
        catch (FileNotFoundException)
        {
            use.Dispose();
            return null; // its creator is not ready yet, or has died
        }
        catch
        {
            use.Dispose();
            throw;
        }
    }

    private static bool TryMake(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            new FileStream(file, options).Dispose();
            return true;
        }
        catch (IOException error) when (error.HResult is FileExists or FileExistsOnWindows || File.Exists(file))
        {
            return false; // perhaps removed meanwhile
        }
    }

    private static FileStream? TryHold(string path)
    {
        try
        {
            var use = new FileStream(path + Use, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            if (File.Exists(path + Use)) return use;
            use.Dispose();
            return null;
        }
        catch (IOException)
        {
            return null; // it does not exist, or is being removed
        }
    }

    private static void RemoveIfUnused(string path)
    {
        try
        {
            using var use = new FileStream(path + Use, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
            FileSegment.TryDelete(path + Unfinished);
            FileSegment.TryDelete(path + Memory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A process holds it, or it belongs to another user.
        }
    }

    private string PathOf(long number, string? name) => Path.Combine(_directory,
        Prefix + (name is null ? number.ToString("x16", CultureInfo.InvariantCulture) : $"n-{name}"));

    private sealed unsafe class HeldSegment(FileSegment memory, FileStream use, string path)
        : SharedSegment(memory.Start, memory.Length, memory.Address)
    {
        public override long Beyond => memory.Beyond;

        public override SafeFileHandle? File => memory.File;

        public override void Detach()
        {
            memory.Detach();
            use.Dispose();
            RemoveIfUnused(path);
        }

        protected override void Unmap(byte* start)
        {
            memory.Dispose();
            Detach();
        }
    }
}
