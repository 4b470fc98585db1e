using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Samovar.Cache.Storage;

namespace Samovar;

/// <summary>Keeps results in a folder, which any number of processes may use at the same time.</summary>
/// <remarks>
/// <para>All members are thread-safe. The folder is opened with the first use.</para>
/// <para>A result that is damaged is removed, and computed again. If the folder cannot be written, its results are used as long as they can be read; if
/// it cannot be opened, every call is computed. A damaged index is replaced by an empty one. Each of these is reported once, by
/// <see cref="ResultCache.Failed"/> and a warning in the log.</para>
/// <para>Results are in a subfolder that is named after the format, such as <c>v1</c>: versions of this package with different formats do not disturb each
/// other.</para>
/// </remarks>
[DebuggerDisplay("{Folder,nq}")]
public sealed partial class DiskResultCache : ResultCache, IDisposable
{
    /// <summary>Results up to this size are in the index, so that a hit is one query; larger ones have a file each.</summary>
    internal const int LargestInline = 16 * 1024;

    private const int MostTouched = 1024;
    private const int StoresBetweenCounts = 256;

    private readonly Lock _gate = new();
    private readonly DiskResultCacheOptions _options;
    private readonly string _indexPath;
    private readonly ResultFiles _files;
    private readonly ILogger? _log;
    private readonly Dictionary<ResultCacheKey, long> _touched = []; // last uses that are not in the index yet
    private readonly HashSet<FailureKind> _reported = [];
    private ResultIndex? _index;
    private bool _isUnusable;
    private bool _isDisposed;
    private long _bytes;
    private int _stores;

    /// <summary>Initializes a cache in a folder, which is created with the first use.</summary>
    /// <param name="folder">The folder; null for <see cref="DefaultFolder"/>.</param>
    /// <param name="options">The limits; null for the defaults.</param>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is empty.</exception>
    /// <exception cref="IOException"><paramref name="folder"/> is a file.</exception>
    public DiskResultCache(string? folder = null, DiskResultCacheOptions? options = null)
    {
        if (folder is not null) ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        Folder = Path.GetFullPath(folder ?? DefaultFolder);
        if (File.Exists(Folder)) throw new IOException($"'{Folder}' is a file, and a result cache needs a folder. Name another one, or remove the file.");
        _options = options ?? DiskResultCacheOptions.Default;
        string own = Path.Combine(Folder, $"v{ResultIndex.Format}");
        _indexPath = Path.Combine(own, "index.db");
        _files = new ResultFiles(Path.Combine(own, "files"));
        _log = _options.LoggerFactory?.CreateLogger("Samovar.Cache");
    }

    /// <summary>Gets the folder of the user for results: <c>$XDG_CACHE_HOME/samovar/results</c>, which is <c>~/.cache/samovar/results</c> without that
    /// variable; on Windows <c>%LOCALAPPDATA%\samovar\results</c>.</summary>
    public static string DefaultFolder
    {
        get
        {
            if (OperatingSystem.IsWindows()) return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "samovar", "results");
            return Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathFullyQualified(cache)
                ? Path.Combine(cache, "samovar", "results")
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "samovar", "results");
        }
    }

    /// <summary>Gets the full path of the folder.</summary>
    public string Folder { get; }

    private long Now => _options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc/>
    public override bool TryGet(ResultCacheKey key, [NotNullWhen(true)] out byte[]? result)
    {
        result = null;
        byte[] name = key.ToArray();
        if (Load(key, name) is not { } found) return false;
        var (row, bytes) = found;
        if (bytes.Length == row.Size && ChecksumOf(name, bytes).AsSpan().SequenceEqual(row.Checksum))
        {
            result = bytes;
            return true;
        }

        Drop(name, row);
        Report(FailureKind.DamagedResult, $"A result in the cache '{Folder}' was damaged (key {key}, {bytes.Length} of {row.Size} bytes). It was removed, and is computed again.", null);
        return false;
    }

    /// <inheritdoc/>
    public override void Set(ResultCacheKey key, string name, ReadOnlySpan<byte> result)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (result.Length > _options.MaxBytes || !IsWritable()) return;
        byte[] bytes = key.ToArray();
        string? file = null;
        bool isStored = false;
        try
        {
            if (result.Length > LargestInline) file = _files.Write(result);
            var row = new IndexRow(result.Length, Now, ChecksumOf(bytes, result), file, file is null ? result.ToArray() : null);
            List<string> removed = [];
            HashSet<string>? known = null;
            Use(index =>
            {
                if (index.Put(bytes, name, row) is { } replaced) removed.Add(replaced);
                isStored = true;
                _touched.Remove(key);
                if (MakeRoomLocked(index, row.Size, removed)) known = index.Files();
            });
            foreach (string old in removed) _files.Delete(old);
            if (known is not null) _files.DeleteStrays(known, _options.TimeProvider.GetUtcNow());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Report(FailureKind.NotWritten, $"A result of '{name}' could not be written to the cache '{Folder}': {error.Message} Results are computed without being stored.", error);
        }
        finally
        {
            if (file is not null && !isStored) _files.Delete(file);
        }
    }

    /// <inheritdoc/>
    public override bool Remove(ResultCacheKey key)
    {
        byte[] name = key.ToArray();
        IndexRow? row = null;
        Use(index => row = index.Find(name));
        return row is not null && Drop(name, row);
    }

    /// <summary>Returns the results in the folder, the last used first.</summary>
    /// <returns>The results of all processes.</returns>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public IReadOnlyList<StoredResult> GetResults()
    {
        IReadOnlyList<StoredResult>? list = null;
        Use(index =>
        {
            FlushLocked(index);
            list = index.List();
        });
        return list ?? throw Unusable("read");
    }

    /// <summary>Removes results, also while other processes use the folder.</summary>
    /// <param name="name">The name of the function whose results are removed; null (the default) for all.</param>
    /// <returns>How many were removed.</returns>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public int Clear(string? name = null)
    {
        int? count = null;
        List<string> files = [];
        HashSet<string> known = [];
        if (!IsWritable()) throw Unusable("written");
        Use(index =>
        {
            _touched.Clear();
            (count, files) = index.Clear(name);
            known = index.Files();
            _bytes = index.CountBytes();
        });
        if (count is not { } removed) throw Unusable("written");
        foreach (string file in files) _files.Delete(file);
        _files.DeleteStrays(known, _options.TimeProvider.GetUtcNow());
        return removed;
    }

    /// <summary>Writes the times of use that are not in the folder yet, and closes it. Later look-ups find nothing.</summary>
    public void Dispose()
    {
        Use(FlushLocked);
        lock (_gate)
        {
            _isDisposed = true;
            _index?.Dispose();
            _index = null;
        }
    }

    private static byte[] ChecksumOf(ReadOnlySpan<byte> key, ReadOnlySpan<byte> result)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(key);
        hash.AppendData(result);
        return hash.GetHashAndReset();
    }

    /// <summary>Returns a row with its result; null if the cache has no usable one.</summary>
    private (IndexRow Row, byte[] Bytes)? Load(ResultCacheKey key, byte[] name)
    {
        for (int looks = 0; looks < 2; looks++)
        {
            if (FindUsable(key, name) is not { } row) return null;
            if (Content(row) is { } bytes) return (row, bytes);
            Drop(name, row); // another process has removed the file; it may have replaced the row before that
        }

        return null;
    }

    private IndexRow? FindUsable(ResultCacheKey key, byte[] name)
    {
        IndexRow? row = null;
        bool isExpired = false;
        Use(index =>
        {
            row = index.Find(name);
            if (row is null) return;
            isExpired = _options.MaxAge is { } age && Now - row.Created >= age.TotalMilliseconds;
            if (isExpired) return;
            _touched[key] = Now;
            if (_touched.Count >= MostTouched) FlushLocked(index);
        });
        if (row is null || !isExpired) return row;
        Drop(name, row);
        return null;
    }

    private byte[]? Content(IndexRow row)
    {
        if (row.File is not { } file) return row.Data;
        try
        {
            return _files.Read(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Report(FailureKind.DamagedResult, $"A file of the cache '{Folder}' cannot be read: {error.Message} The result is computed again.", error);
            return null;
        }
    }

    private bool Drop(byte[] key, IndexRow row)
    {
        bool wasThere = false;
        Use(index => wasThere = index.Mode == IndexMode.Write && index.Remove(key, row));
        if (wasThere && row.File is { } file) _files.Delete(file);
        return wasThere;
    }

    private void FlushLocked(ResultIndex index)
    {
        if (_touched.Count > 0 && index.Mode == IndexMode.Write) index.Touch(_touched);
        _touched.Clear();
    }

    /// <summary>Removes results if there are too many. Returns whether it has looked at all of them, which it does now and then.</summary>
    private bool MakeRoomLocked(ResultIndex index, long stored, List<string> removed)
    {
        _bytes += stored;
        bool counts = ++_stores % StoresBetweenCounts == 0;
        if (_bytes <= _options.MaxBytes && !counts) return false;
        FlushLocked(index);
        _bytes = index.CountBytes();
        long? oldest = _options.MaxAge is { } age ? Now - (long)age.TotalMilliseconds : null;
        if (_bytes <= _options.MaxBytes && oldest is null) return true;
        var (files, left) = index.Shrink(_bytes > _options.MaxBytes ? _options.MaxBytes - _options.MaxBytes / 10 : _options.MaxBytes, oldest);
        removed.AddRange(files);
        _bytes = left;
        return true;
    }

    private IOException Unusable(string what) =>
        new($"The result cache '{Folder}' cannot be {what}. Check that the folder exists and may be {what} by this user, and that no other process has locked it.");
}
