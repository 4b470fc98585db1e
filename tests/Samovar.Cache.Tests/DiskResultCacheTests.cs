using System.Security.Cryptography;
using System.Text;
using Samovar.Cache.Storage;

namespace Samovar.Cache.Tests;

/// <summary>What a cache on disk keeps, and what it drops.</summary>
public sealed class DiskResultCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private readonly List<string> _failures = [];

    public static TheoryData<int> Sizes => [0, 100, DiskResultCache.LargestInline, DiskResultCache.LargestInline + 1];

    private string Index => Path.Combine(_folder.Path, "v1", "index.db");

    private string Files => Path.Combine(_folder.Path, "v1", "files");

    public void Dispose() => _folder.Dispose();

    [ThreadTheory]
    [MemberData(nameof(Sizes))]
    public void A_result_is_there_for_the_next_process(int size)
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(size);
        using (var cache = Open()) cache.Set(Key("a"), "work", bytes);
        using var other = Open();
        other.TryGet(Key("a"), out byte[]? found).ShouldBeTrue();
        found.ShouldBe(bytes);
        other.TryGet(Key("b"), out _).ShouldBeFalse();
        _failures.ShouldBeEmpty();
    }

    [ThreadTheory]
    [MemberData(nameof(Sizes))]
    public void A_later_result_replaces_an_earlier_one(int size)
    {
        using var cache = Open();
        cache.Set(Key("a"), "work", new byte[20_000]);
        byte[] bytes = RandomNumberGenerator.GetBytes(size);
        cache.Set(Key("a"), "work", bytes);
        cache.TryGet(Key("a"), out byte[]? found).ShouldBeTrue();
        found.ShouldBe(bytes);
        cache.GetResults().Count.ShouldBe(1);
        CountFiles().ShouldBe(size > DiskResultCache.LargestInline ? 1 : 0);
    }

    [ThreadFact]
    public void A_file_with_a_flipped_bit_is_dropped_and_reported_once()
    {
        using var cache = Open();
        foreach (string name in new[] { "a", "b" }) cache.Set(Key(name), "work", RandomNumberGenerator.GetBytes(20_000));
        foreach (string file in Directory.GetFiles(Files))
        {
            byte[] bytes = File.ReadAllBytes(file);
            bytes[10_000] ^= 4;
            File.WriteAllBytes(file, bytes);
        }

        cache.TryGet(Key("a"), out _).ShouldBeFalse();
        cache.TryGet(Key("b"), out _).ShouldBeFalse();
        _failures.ShouldHaveSingleItem().ShouldContain("20000 of 20000 bytes). It was removed, and is computed again.");
        cache.GetResults().ShouldBeEmpty();
        CountFiles().ShouldBe(0);
    }

    [ThreadFact]
    public void A_truncated_file_is_dropped()
    {
        using var cache = Open();
        cache.Set(Key("a"), "work", new byte[20_000]);
        File.WriteAllBytes(Directory.GetFiles(Files).Single(), new byte[19_999]);
        cache.TryGet(Key("a"), out _).ShouldBeFalse();
        _failures.ShouldHaveSingleItem().ShouldContain("19999 of 20000 bytes");
    }

    [ThreadFact]
    public void A_file_that_is_gone_is_a_miss()
    {
        using var cache = Open();
        cache.Set(Key("a"), "work", new byte[20_000]);
        File.Delete(Directory.GetFiles(Files).Single());
        cache.TryGet(Key("a"), out _).ShouldBeFalse();
        cache.GetResults().ShouldBeEmpty();
        _failures.ShouldBeEmpty();
    }

    [ThreadFact]
    public void Removing_an_old_row_leaves_a_newer_equal_one()
    {
        using var index = new ResultIndex(Path.Combine(_folder.Path, "rows.db"), IndexMode.Write);
        byte[] key = Key("a").ToArray();
        foreach (string? file in new[] { "old", null })
        {
            var old = new IndexRow(1, 100, [7], file, null);
            foreach (var newer in new[] { old with { Created = 101 }, old with { File = "newer" } })
            {
                index.Put(key, "work", old);
                index.Put(key, "work", newer);
                index.Remove(key, old).ShouldBeFalse();
                index.Find(key)!.File.ShouldBe(newer.File);
                index.Remove(key, newer).ShouldBeTrue();
                index.Find(key).ShouldBeNull();
            }
        }
    }

    [ThreadFact]
    public void A_damaged_index_is_replaced()
    {
        using (var cache = Open()) cache.Set(Key("a"), "work", [1]);
        File.WriteAllBytes(Index, Encoding.UTF8.GetBytes(new string('x', 8192)));
        using var other = Open();
        other.TryGet(Key("a"), out _).ShouldBeFalse();
        _failures.ShouldHaveSingleItem().ShouldContain("It was replaced by an empty one.");
        other.Set(Key("a"), "work", [2]);
        other.TryGet(Key("a"), out byte[]? found).ShouldBeTrue();
        found.ShouldBe([2]);
    }

    [ThreadFact]
    public void An_index_of_another_format_is_left_alone()
    {
        using (var cache = Open()) cache.Set(Key("a"), "work", [1]);
        SetFormat(7);
        using var other = Open();
        other.TryGet(Key("a"), out _).ShouldBeFalse();
        other.Set(Key("b"), "work", [2]);
        other.TryGet(Key("b"), out _).ShouldBeFalse();
        _failures.ShouldHaveSingleItem().ShouldContain("The index has format 7, and this version of Samovar.Cache reads format 1.");
        SetFormat(1);
        using var again = Open();
        again.TryGet(Key("a"), out _).ShouldBeTrue();
    }

    [ThreadFact]
    public void Another_formats_folder_is_not_touched()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "v2"));
        File.WriteAllText(Path.Combine(_folder.Path, "v2", "index.db"), "later");
        using var cache = Open();
        cache.Set(Key("a"), "work", [1]);
        cache.Clear();
        File.ReadAllText(Path.Combine(_folder.Path, "v2", "index.db")).ShouldBe("later");
        _failures.ShouldBeEmpty();
    }

    [ThreadFact]
    public void The_results_that_were_not_used_for_the_longest_time_are_removed_first()
    {
        using var cache = Open(new() { MaxBytes = 100_000 });
        foreach (string name in new[] { "a", "b", "c", "d" })
        {
            cache.Set(Key(name), "work", new byte[24_000]);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        cache.TryGet(Key("a"), out _).ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(1));
        cache.Set(Key("e"), "work", new byte[24_000]);
        cache.TryGet(Key("a"), out _).ShouldBeTrue();
        cache.TryGet(Key("b"), out _).ShouldBeFalse();
        cache.TryGet(Key("c"), out _).ShouldBeFalse();
        cache.TryGet(Key("d"), out _).ShouldBeTrue();
        cache.TryGet(Key("e"), out _).ShouldBeTrue();
        CountFiles().ShouldBe(3);
    }

    [ThreadFact]
    public void A_result_that_is_larger_than_the_limit_is_not_stored()
    {
        using var cache = Open(new() { MaxBytes = 100 });
        cache.Set(Key("a"), "work", new byte[101]);
        cache.TryGet(Key("a"), out _).ShouldBeFalse();
        cache.Set(Key("a"), "work", new byte[80]);
        cache.TryGet(Key("a"), out _).ShouldBeTrue();
    }

    [ThreadFact]
    public void A_result_that_is_too_old_is_not_used()
    {
        using var cache = Open(new() { MaxAge = TimeSpan.FromHours(1) });
        cache.Set(Key("a"), "work", [1]);
        _time.Advance(TimeSpan.FromMinutes(59));
        cache.TryGet(Key("a"), out _).ShouldBeTrue();
        _time.Advance(TimeSpan.FromMinutes(1));
        cache.TryGet(Key("a"), out _).ShouldBeFalse();
        cache.GetResults().ShouldBeEmpty();
    }

    [ThreadFact]
    public void The_time_of_the_last_use_reaches_the_folder_when_the_cache_is_closed()
    {
        DateTimeOffset used;
        using (var cache = Open())
        {
            cache.Set(Key("a"), "work", [1, 2]);
            _time.Advance(TimeSpan.FromDays(1));
            cache.TryGet(Key("a"), out _).ShouldBeTrue();
            used = _time.GetUtcNow();
        }

        using var other = Open();
        var only = other.GetResults().ShouldHaveSingleItem();
        only.LastUsed.ToUnixTimeMilliseconds().ShouldBe(used.ToUnixTimeMilliseconds());
        only.ShouldBe(new StoredResult(Key("a"), "work", 2, only.LastUsed - TimeSpan.FromDays(1), only.LastUsed));
    }

    [ThreadFact]
    public void Results_are_cleared_by_name()
    {
        using var cache = Open();
        cache.Set(Key("a"), "one", new byte[20_000]);
        cache.Set(Key("b"), "other", [1]);
        cache.Clear("one").ShouldBe(1);
        cache.GetResults().ShouldHaveSingleItem().Name.ShouldBe("other");
        CountFiles().ShouldBe(0);
        cache.Clear().ShouldBe(1);
        cache.GetResults().ShouldBeEmpty();
    }

    [ThreadFact]
    public void Files_that_ended_processes_left_are_removed_with_a_clear()
    {
        using var cache = Open();
        cache.Set(Key("a"), "work", new byte[20_000]);
        foreach (string name in new[] { "old", "new" }) File.WriteAllText(Path.Combine(Files, name), "x");
        File.SetLastWriteTimeUtc(Path.Combine(Files, "old"), _time.GetUtcNow().UtcDateTime.AddHours(-2));
        File.SetLastWriteTimeUtc(Path.Combine(Files, "new"), _time.GetUtcNow().UtcDateTime);
        cache.Clear("nothing").ShouldBe(0);
        Directory.GetFiles(Files).Select(Path.GetFileName).ShouldContain("new");
        Directory.GetFiles(Files).Select(Path.GetFileName).ShouldNotContain("old");
        cache.TryGet(Key("a"), out _).ShouldBeTrue();
    }

    [ThreadTheory]
    [InlineData(2, 24_000)] // the second result is too much
    [InlineData(256, 10)] // results are counted with each 256th
    public void Files_that_ended_processes_left_are_removed_when_results_are_counted(int stores, int size)
    {
        using var cache = Open(new() { MaxBytes = 40_000 });
        Directory.CreateDirectory(Files);
        foreach (string name in new[] { "old", "old.tmp", "new" }) File.WriteAllText(Path.Combine(Files, name), "x");
        foreach (string name in new[] { "old", "old.tmp" }) File.SetLastWriteTimeUtc(Path.Combine(Files, name), _time.GetUtcNow().UtcDateTime.AddHours(-2));
        File.SetLastWriteTimeUtc(Path.Combine(Files, "new"), _time.GetUtcNow().UtcDateTime);
        for (int store = 1; store < stores; store++) cache.Set(Key($"{store}"), "work", new byte[size]);
        File.Exists(Path.Combine(Files, "old")).ShouldBeTrue();
        cache.Set(Key("last"), "work", new byte[size]);
        Directory.GetFiles(Files).Select(Path.GetFileName).ShouldNotContain("old");
        Directory.GetFiles(Files).Select(Path.GetFileName).ShouldNotContain("old.tmp");
        File.Exists(Path.Combine(Files, "new")).ShouldBeTrue();
        cache.TryGet(Key("last"), out _).ShouldBeTrue();
        _failures.ShouldBeEmpty();
    }

    [ThreadFact]
    public void After_its_end_a_cache_finds_nothing()
    {
        var cache = Open();
        cache.Set(Key("a"), "work", [1]);
        cache.Dispose();
        cache.TryGet(Key("a"), out _).ShouldBeFalse();
        cache.Set(Key("a"), "work", [1]);
        cache.Dispose();
    }

    private static ResultCacheKey Key(string text) => new(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private DiskResultCache Open(DiskResultCacheOptions? options = null)
    {
        var cache = new DiskResultCache(_folder.Path, (options ?? new DiskResultCacheOptions()) with { TimeProvider = _time });
        cache.Failed += failure => _failures.Add(failure.Message);
        return cache;
    }

    private int CountFiles() => Directory.Exists(Files) ? Directory.GetFiles(Files).Length : 0;

    private void SetFormat(int format)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Index};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA user_version = {format}";
        command.ExecuteNonQuery();
    }
}
