using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace Samovar.Cache.Tests;

/// <summary>Folders that cannot be used, and folders that several processes use.</summary>
public sealed class UnusableFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _failures = [];

    public void Dispose() => _folder.Dispose();

    [ThreadFact]
    public void A_file_in_the_place_of_the_folder_is_one_clear_error()
    {
        string file = Path.Combine(_folder.Path, "file");
        File.WriteAllText(file, "");
        Should.Throw<IOException>(() => new DiskResultCache(file)).Message.ShouldBe($"'{file}' is a file, and a result cache needs a folder. Name another one, or remove the file.");
    }

    [ThreadFact]
    public async Task In_a_folder_that_cannot_be_created_calls_are_computed_and_the_cache_reports_once()
    {
        string file = Path.Combine(_folder.Path, "file");
        File.WriteAllText(file, "");
        using var cache = Open(Path.Combine(file, "below"));
        await using var executor = new InlineExecutor();
        var length = executor.Cached("length", (string text) => text.Length, cache);
        (await length.CallAsync("tea")).ShouldBe(3);
        (await length.CallAsync("tea")).ShouldBe(3);
        _failures.ShouldHaveSingleItem().ShouldContain("cannot be used: ");
        Should.Throw<IOException>(() => cache.Clear()).Message.ShouldContain("cannot be written");
        Should.Throw<IOException>(cache.GetResults).Message.ShouldContain("cannot be read");
    }

    [UnsupportedOSPlatform("windows")]
    [ThreadFact]
    public void A_folder_that_cannot_be_written_is_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Permissions do not stop this user.");
        var key = new ResultCacheKey(new byte[32]);
        using (var cache = Open(_folder.Path)) cache.Set(key, "work", [1]);
        string own = Path.Combine(_folder.Path, "v1");
        File.SetUnixFileMode(Path.Combine(own, "index.db"), UnixFileMode.UserRead);
        File.SetUnixFileMode(own, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            using var cache = Open(_folder.Path);
            cache.TryGet(key, out byte[]? found).ShouldBeTrue();
            found.ShouldBe([1]);
            cache.Set(new ResultCacheKey(SHA256.HashData([2])), "work", [2]);
            _failures.ShouldHaveSingleItem().ShouldContain("Its results are used, and new ones are not stored.");
            Should.Throw<IOException>(() => cache.Clear());
        }
        finally
        {
            File.SetUnixFileMode(own, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [ThreadFact]
    public void Files_that_cannot_be_written_are_reported_once_and_small_results_still_stored()
    {
        using var cache = Open(_folder.Path);
        cache.Set(new ResultCacheKey(new byte[32]), "work", [1]);
        File.WriteAllText(Path.Combine(_folder.Path, "v1", "files"), "in the place of the folder");
        cache.Set(new ResultCacheKey(SHA256.HashData([1])), "work", new byte[20_000]);
        cache.Set(new ResultCacheKey(SHA256.HashData([2])), "work", new byte[20_000]);
        _failures.ShouldHaveSingleItem().ShouldContain("Results are computed without being stored.");
        cache.TryGet(new ResultCacheKey(new byte[32]), out _).ShouldBeTrue();
    }

    [ThreadFact]
    public void An_index_that_has_no_more_room_is_reported_once_and_still_read()
    {
        using (var cache = Open(_folder.Path)) cache.Set(new ResultCacheKey(new byte[32]), "work", [1]);
        using var full = Open(_folder.Path, new() { MaxIndexPages = 6 });
        full.Set(new ResultCacheKey(SHA256.HashData([1])), "work", new byte[16_000]);
        full.Set(new ResultCacheKey(SHA256.HashData([2])), "work", new byte[16_000]);
        _failures.ShouldHaveSingleItem().ShouldContain("is full: ");
        full.TryGet(new ResultCacheKey(new byte[32]), out _).ShouldBeTrue();
    }

    [ThreadFact]
    public void A_locked_index_is_reported_once_and_used_again_when_it_is_free()
    {
        var key = new ResultCacheKey(new byte[32]);
        using var cache = Open(_folder.Path);
        cache.Set(key, "work", [1]);
        using (var other = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "v1", "index.db")};Pooling=False"))
        {
            other.Open();
            using var transaction = other.BeginTransaction(deferred: false);
            cache.Set(key, "work", [2]);
            cache.TryGet(key, out byte[]? found).ShouldBeTrue(); // readers do not wait for writers
            found.ShouldBe([1]);
        }

        _failures.ShouldHaveSingleItem().ShouldContain("is locked by another process");
        cache.Set(key, "work", [3]);
        cache.TryGet(key, out byte[]? later).ShouldBeTrue();
        later.ShouldBe([3]);
    }

    [ProcessFact]
    public async Task Two_processes_write_the_same_results_at_once()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory); // artifacts/bin/Samovar.Cache.Tests/debug
        string program = Path.Combine(here.Parent!.Parent!.FullName, "Samovar.Cache.Tests.Child", here.Name, "Samovar.Cache.Tests.Child.dll");
        Process[] children = [await StartAsync(program), await StartAsync(program)];
        try
        {
            foreach (var child in children) (await child.StandardOutput.ReadLineAsync().WaitAsync(TestTimeout.Wait)).ShouldBe("ready");
            foreach (var child in children) await child.StandardInput.WriteLineAsync("go");
            foreach (var child in children)
            {
                (await child.StandardOutput.ReadToEndAsync().WaitAsync(TestTimeout.Wait)).ShouldBe("stored 200\n");
                await child.WaitForExitAsync().WaitAsync(TestTimeout.Wait);
                child.ExitCode.ShouldBe(0);
            }
        }
        finally
        {
            foreach (var child in children)
            {
                if (!child.HasExited) child.Kill();
                child.Dispose();
            }
        }

        using var cache = Open(_folder.Path);
        cache.GetResults().Count.ShouldBe(7);
        foreach (var result in cache.GetResults()) cache.TryGet(result.Key, out _).ShouldBeTrue();
        _failures.ShouldBeEmpty();
    }

    private Task<Process> StartAsync(string program) => Samovar.Cli.Tests.Starter.StartAsync("dotnet", [program, _folder.Path, "200"]);

    private DiskResultCache Open(string folder, DiskResultCacheOptions? options = null)
    {
        var cache = new DiskResultCache(folder, options);
        cache.Failed += failure => _failures.Add(failure.Message);
        return cache;
    }
}
