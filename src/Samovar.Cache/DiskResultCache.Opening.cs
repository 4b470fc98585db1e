using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Samovar.Cache.Storage;

namespace Samovar;

/// <content>Opening the index, and what happens when it cannot be used.</content>
public sealed partial class DiskResultCache
{
    // The results of SQLite that are treated apart: https://www.sqlite.org/rescode.html
    private const int Busy = 5;
    private const int LockedTable = 6;
    private const int ReadOnlyDatabase = 8;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    /// <summary>Uses the index under the gate. Does nothing if it cannot be opened; errors of the index are reported.</summary>
    private void Use(Action<ResultIndex> action)
    {
        List<(FailureKind Kind, string Message, Exception? Error)> failures = [];
        lock (_gate)
        {
            if (OpenLocked(failures) is { } index)
            {
                try
                {
                    action(index);
                }
                catch (SqliteException error)
                {
                    failures.Add(FailedLocked(error));
                }
            }
        }

        foreach (var (kind, message, error) in failures) Report(kind, message, error);
    }

    private bool IsWritable()
    {
        bool isWritable = false;
        Use(index => isWritable = index.Mode == IndexMode.Write);
        return isWritable;
    }

    private ResultIndex? OpenLocked(List<(FailureKind, string, Exception?)> failures)
    {
        if (_index is not null || _isUnusable || _isDisposed) return _index;
        try
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(_indexPath)!);
                _index = new ResultIndex(_indexPath, IndexMode.Write, _options.MaxIndexPages);
                _bytes = _index.CountBytes();
            }
            catch (SqliteException error) when (error.SqliteErrorCode is Corrupt or NotADatabase)
            {
                failures.Add(FailedLocked(error)); // has deleted the index
                _index = new ResultIndex(_indexPath, IndexMode.Write, _options.MaxIndexPages);
            }
        }
        catch (SqliteException error) when (error.SqliteErrorCode is Busy or LockedTable)
        {
            failures.Add(FailedLocked(error)); // the next use tries again
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException or IndexVersionException)
        {
            _index = OpenForReading();
            _isUnusable = _index is null;
            failures.Add(_index is null
                ? (FailureKind.Unusable, $"The result cache '{Folder}' cannot be used: {error.Message} Every call is computed. Check the folder, or use another one.", error)
                : (FailureKind.ReadOnly, $"The result cache '{Folder}' cannot be written: {error.Message} Its results are used, and new ones are not stored.", error));
        }

        return _index;
    }

    private ResultIndex? OpenForReading()
    {
        if (!File.Exists(_indexPath)) return null;
        foreach (var mode in new[] { IndexMode.Read, IndexMode.ReadUnlocked })
        {
            try
            {
                var index = new ResultIndex(_indexPath, mode);
                try
                {
                    _ = index.CountBytes(); // the first query is what needs the locks
                    return index;
                }
                catch
                {
                    index.Dispose();
                    throw;
                }
            }
            catch (Exception error) when (error is SqliteException or IndexVersionException)
            {
                // The caller reports why the index could not be opened for writing, which is the cause of this too.
            }
        }

        return null;
    }

    private (FailureKind, string, Exception?) FailedLocked(SqliteException error)
    {
        switch (error.SqliteErrorCode)
        {
            case Busy or LockedTable:
                return (FailureKind.Locked, $"The index of the result cache '{Folder}' is locked by another process: {error.Message} The call continues without the cache.", error);
            case Full:
                return (FailureKind.NotWritten, $"The disk of the result cache '{Folder}' is full: {error.Message} Results are computed without being stored.", error);
            case ReadOnlyDatabase or CannotOpen:
                return (FailureKind.ReadOnly, $"The result cache '{Folder}' cannot be written: {error.Message} Results are computed without being stored.", error);
            case Corrupt or NotADatabase:
                _index?.Dispose();
                _index = null;
                _isUnusable = !TryDeleteIndex();
                return (FailureKind.DamagedIndex, $"The index of the result cache '{Folder}' is damaged: {error.Message} "
                    + (_isUnusable ? "It cannot be removed: every call is computed. Delete the folder." : "It was replaced by an empty one."), error);
            default:
                return (FailureKind.Unusable, $"The index of the result cache '{Folder}' reports an error: {error.Message} The call continues without the cache.", error);
        }
    }

    private bool TryDeleteIndex()
    {
        try
        {
            foreach (string suffix in new[] { "-wal", "-shm", "" }) File.Delete(_indexPath + suffix);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false; // the caller reports it
        }
    }

    /// <summary>Reports a failure, unless one of its kind was reported before. Not called under the gate: handlers run here.</summary>
    private void Report(FailureKind kind, string message, Exception? error)
    {
        lock (_gate)
        {
            if (!_reported.Add(kind)) return;
        }

        _log?.LogWarning(error, "{Failure}", message);
        ReportFailure(new ResultCacheFailure(message, error));
    }
}
