using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Samovar.Cache.Storage;

/// <summary>The index of a cache: an SQLite database with a row for each result, which contains small results itself. Used by one thread at a time; other
/// processes may use the same file.</summary>
internal sealed class ResultIndex : IDisposable
{
    /// <summary>The format, which the database has as its <c>user_version</c>.</summary>
    public const long Format = 1;

    private const string Schema =
        """
        CREATE TABLE IF NOT EXISTS results(
            key BLOB NOT NULL PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL, created INTEGER NOT NULL, used INTEGER NOT NULL,
            checksum BLOB NOT NULL, file TEXT, data BLOB);
        CREATE INDEX IF NOT EXISTS results_by_use ON results(used, size);
        PRAGMA user_version = 1;
        """;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _find;
    private readonly SqliteParameter _findKey;

    /// <exception cref="SqliteException">The database cannot be opened.</exception>
    /// <exception cref="IndexVersionException">It has another format.</exception>
    public ResultIndex(string path, IndexMode mode, int? maxPages = null)
    {
        Mode = mode;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = mode == IndexMode.ReadUnlocked ? new Uri(path).AbsoluteUri + "?immutable=1" : path,
            Mode = mode == IndexMode.Write ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadOnly,
            Pooling = false,
            DefaultTimeout = 1,
        }.ToString());
        try
        {
            _connection.Open();
            Execute("PRAGMA busy_timeout = 2000;");
            Prepare();
            if (maxPages is { } pages) Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {pages};"));
            _find = Command("SELECT size, created, checksum, file, data FROM results WHERE key = $key", ("$key", Array.Empty<byte>()));
            _findKey = _find.Parameters[0];
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>How the index was opened.</summary>
    public IndexMode Mode { get; }

    /// <summary>Returns a row; null if it does not exist.</summary>
    public IndexRow? Find(byte[] key)
    {
        _findKey.Value = key;
        using var reader = _find.ExecuteReader();
        if (!reader.Read()) return null;
        return new IndexRow(
            reader.GetInt64(0), reader.GetInt64(1), (byte[])reader.GetValue(2), reader.IsDBNull(3) ? null : reader.GetString(3),
            reader.IsDBNull(4) ? null : (byte[])reader.GetValue(4));
    }

    /// <summary>Adds or replaces a row. Returns the name of the file of the replaced one; null if it had none.</summary>
    public string? Put(byte[] key, string name, IndexRow row)
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        string? replaced = FileOf(key);
        Execute(
            "INSERT OR REPLACE INTO results(key, name, size, created, used, checksum, file, data) VALUES($key, $name, $size, $created, $created, $checksum, $file, $data)",
            ("$key", key), ("$name", name), ("$size", row.Size), ("$created", row.Created), ("$checksum", row.Checksum),
            ("$file", (object?)row.File ?? DBNull.Value), ("$data", (object?)row.Data ?? DBNull.Value));
        transaction.Commit();
        return replaced;
    }

    /// <summary>Removes a row, unless it was replaced, also by an equal result. Returns whether it was there.</summary>
    public bool Remove(byte[] key, IndexRow row) =>
        Execute(
            "DELETE FROM results WHERE key = $key AND checksum = $checksum AND created = $created AND file IS $file",
            ("$key", key), ("$checksum", row.Checksum), ("$created", row.Created), ("$file", (object?)row.File ?? DBNull.Value)) > 0;

    /// <summary>Writes the times of use.</summary>
    public void Touch(IEnumerable<KeyValuePair<ResultCacheKey, long>> used)
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        foreach (var (key, time) in used)
            Execute("UPDATE results SET used = max(used, $used) WHERE key = $key", ("$used", time), ("$key", key.ToArray()));
        transaction.Commit();
    }

    /// <summary>Returns the size of all results, in bytes.</summary>
    public long CountBytes()
    {
        using var command = Command("SELECT coalesce(sum(size), 0) FROM results");
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Removes rows that are too old, then those that were not used for the longest time, until the results are not larger than a limit. Returns the
    /// files of the removed rows, and the size of what is left.</summary>
    public (List<string> Files, long Left) Shrink(long most, long? oldest)
    {
        List<string> files = [];
        using var transaction = _connection.BeginTransaction(deferred: false);
        if (oldest is { } limit) RemoveWhere("created < $limit", files, ("$limit", limit));
        long left = CountBytes();
        if (left > most)
        {
            List<byte[]> keys = [];
            using (var command = Command("SELECT key, size FROM results ORDER BY used, rowid"))
            using (var reader = command.ExecuteReader())
            {
                while (left > most && reader.Read())
                {
                    keys.Add((byte[])reader.GetValue(0));
                    left -= reader.GetInt64(1);
                }
            }

            foreach (byte[] key in keys) RemoveWhere("key = $key", files, ("$key", key));
        }

        transaction.Commit();
        return (files, left);
    }

    /// <summary>Removes the rows of a function, or all. Returns their number, and their files.</summary>
    public (int Count, List<string> Files) Clear(string? name)
    {
        List<string> files = [];
        using var transaction = _connection.BeginTransaction(deferred: false);
        int count = name is null ? RemoveWhere("true", files) : RemoveWhere("name = $name", files, ("$name", name));
        transaction.Commit();
        return (count, files);
    }

    /// <summary>Returns all rows, the last used first.</summary>
    public List<StoredResult> List()
    {
        List<StoredResult> list = [];
        using var command = Command("SELECT key, name, size, created, used FROM results ORDER BY used DESC, name");
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            list.Add(new StoredResult(
                new ResultCacheKey((byte[])reader.GetValue(0)), reader.GetString(1), reader.GetInt64(2),
                DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(3)), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(4))));
        }

        return list;
    }

    /// <summary>Returns the names of all files that a row has.</summary>
    public HashSet<string> Files()
    {
        HashSet<string> files = new(StringComparer.Ordinal);
        using var command = Command("SELECT file FROM results WHERE file IS NOT NULL");
        using var reader = command.ExecuteReader();
        while (reader.Read()) files.Add(reader.GetString(0));
        return files;
    }

    public void Dispose()
    {
        _find.Dispose();
        _connection.Dispose();
    }

    private void Prepare()
    {
        using var command = Command("PRAGMA user_version");
        long format = (long)command.ExecuteScalar()!;
        if (format != Format && (format != 0 || Mode != IndexMode.Write)) throw new IndexVersionException(format);
        if (Mode != IndexMode.Write) return;
        Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
        if (format == 0) Execute(Schema);
    }

    private string? FileOf(byte[] key)
    {
        using var command = Command("SELECT file FROM results WHERE key = $key", ("$key", key));
        return command.ExecuteScalar() as string;
    }

    private int RemoveWhere(string condition, List<string> files, params (string Name, object Value)[] parameters)
    {
        using (var command = Command($"SELECT file FROM results WHERE file IS NOT NULL AND {condition}", parameters))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read()) files.Add(reader.GetString(0));
        }

        return Execute($"DELETE FROM results WHERE {condition}", parameters);
    }

    private int Execute(string text, params (string Name, object Value)[] parameters)
    {
        using var command = Command(text, parameters);
        return command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string text, params (string Name, object Value)[] parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text; // constants of this class; values are parameters
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }
}
