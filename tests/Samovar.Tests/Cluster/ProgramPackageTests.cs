using System.Runtime.Versioning;
using Samovar.Cluster.Programs;
using Samovar.Cluster.Protocol;

namespace Samovar.Tests.Cluster;

/// <summary>Packages of programs, and the store of a node.</summary>
[SupportedOSPlatform("linux")]
public sealed class ProgramPackageTests : IDisposable
{
    private static readonly BuildId s_build = BuildId.Read(new byte[BuildId.Size]);

    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-package-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ThreadFact]
    public async Task A_package_arrives_as_it_was_sent()
    {
        var (bytes, manifest) = await PackAsync();
        var store = NewStore();

        using (var added = await store.AddAsync(s_build, PackageManifest.HashOf(manifest), new MemoryStream(bytes), CancellationToken.None))
            CheckContent(added);
        using var found = store.Find(s_build);
        CheckContent(found.ShouldNotBeNull());
    }

    [ThreadFact]
    public async Task A_package_that_is_altered_anywhere_is_refused_and_leaves_nothing()
    {
        var (bytes, manifest) = await PackAsync();
        var store = NewStore();
        byte[] hash = PackageManifest.HashOf(manifest);
        for (int at = 0; at < bytes.Length; at++)
        {
            byte[] altered = [.. bytes];
            altered[at] ^= 0x40;
            if (await TryAddAsync(store, hash, altered)) CheckSame(store); // a bit that the compression does not use
        }

        for (int length = 0; length < bytes.Length - 16; length++) (await TryAddAsync(store, hash, bytes[..length])).ShouldBeFalse();
        Directory.GetDirectories(Path.Combine(_folder, "store")).Length.ShouldBeLessThanOrEqualTo(1);
    }

    [ThreadFact]
    public async Task A_package_with_another_manifest_is_refused_before_anything_is_written()
    {
        var (bytes, _) = await PackAsync();
        var store = NewStore();

        var error = await Should.ThrowAsync<InvalidDataException>(() => store.AddAsync(s_build, new byte[PackageManifest.HashSize], new MemoryStream(bytes), CancellationToken.None));

        error.Message.ShouldContain("manifest");
        store.Find(s_build).ShouldBeNull();
    }

    [ThreadTheory]
    [InlineData("../outside.dll")]
    [InlineData("/outside.dll")]
    [InlineData("a/../../outside.dll")]
    [InlineData("a//b.dll")]
    [InlineData("c:outside.dll")]
    [InlineData("a\\b.dll")]
    [InlineData("")]
    public void A_file_outside_of_the_folder_is_refused(string name)
    {
        var manifest = Manifest([new PackageFile("app.runtimeconfig.json", 0, new byte[32]), new PackageFile(name, 0, new byte[32])]);

        Should.Throw<MessageFormatException>(() => PackageManifest.Read(manifest.Write())).Message.ShouldContain("not valid");
    }

    [ThreadFact]
    public void A_manifest_with_impossible_lengths_or_names_is_refused()
    {
        PackageFile configuration = new("app.runtimeconfig.json", 0, new byte[32]);
        foreach (var manifest in (PackageManifest[])
            [
                Manifest([configuration, new("large.dll", PackageManifest.MostBytes + 1, new byte[32])]),
                Manifest([configuration, new("large.dll", long.MaxValue, new byte[32]), new("larger.dll", long.MaxValue, new byte[32])]),
                Manifest([configuration, new("negative.dll", -1, new byte[32])]),
                Manifest([configuration, new("APP.runtimeconfig.json", 0, new byte[32])]),
                Manifest([new("other.dll", 0, new byte[32])]),
                Manifest([configuration]) with { Dependencies = "missing.deps.json" },
            ])
        {
            Should.Throw<MessageFormatException>(() => PackageManifest.Read(manifest.Write()));
        }
    }

    [ThreadFact]
    public void Random_manifests_are_refused()
    {
        var random = new Random(1);
        byte[] valid = Manifest([new PackageFile("app.runtimeconfig.json", 3, new byte[32])]).Write();
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. valid];
            for (int changes = random.Next(1, 6); changes > 0; changes--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                PackageManifest.Read(bytes.AsMemory(0, random.Next(bytes.Length + 1)));
            }
            catch (MessageFormatException)
            {
                // The only exception that is allowed.
            }
        }
    }

    [ThreadFact]
    public async Task A_program_that_was_not_used_for_a_month_is_removed_unless_it_is_in_use()
    {
        var (bytes, manifest) = await PackAsync();
        var store = NewStore();
        var later = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(31);
        using (await store.AddAsync(s_build, PackageManifest.HashOf(manifest), new MemoryStream(bytes), CancellationToken.None))
        {
            store.RemoveUnused(later);
            store.Find(s_build).ShouldNotBeNull().Dispose();
        }

        store.RemoveUnused(later.AddDays(-2));
        store.Find(s_build).ShouldNotBeNull().Dispose();
        store.RemoveUnused(later.AddDays(1));
        store.Find(s_build).ShouldBeNull();
    }

    [ThreadFact]
    public async Task Two_nodes_may_store_the_same_program_at_the_same_time()
    {
        var (bytes, manifest) = await PackAsync();
        byte[] hash = PackageManifest.HashOf(manifest);

        var added = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => NewStore().AddAsync(s_build, hash, new MemoryStream(bytes), CancellationToken.None))));

        foreach (var folder in added)
        {
            CheckContent(folder);
            folder.Dispose();
        }

        Directory.GetDirectories(Path.Combine(_folder, "store")).Length.ShouldBe(1);
    }

    [ThreadFact]
    public void The_package_of_this_program_contains_what_its_workers_need()
    {
        var package = new OwnerProgram(new Dictionary<string, string>(), configuration: null).Collect();

        var names = package.Manifest.Files.Select(static file => file.Name).ToList();
        names.ShouldContain("Samovar.dll");
        names.ShouldContain("Samovar.Tests.dll");
        names.ShouldContain(package.Manifest.Configuration);
        names.ShouldAllBe(static name => !name.EndsWith(".xml", StringComparison.Ordinal));
        PackageManifest.Read(package.Manifest.Write()).Files.Select(static file => file.Name).ShouldBe(names);
    }

    private static void CheckContent(ProgramFolder folder)
    {
        File.ReadAllText(Path.Combine(folder.Files.Folder, "sub", "words.txt")).ShouldBe("tea samovar cup");
        folder.Files.Configuration.ShouldBe(Path.Combine(folder.Files.Folder, "app.runtimeconfig.json"));
    }

    private static void CheckSame(ProgramStore store)
    {
        using var found = store.Find(s_build);
        CheckContent(found.ShouldNotBeNull());
    }

    private static async Task<bool> TryAddAsync(ProgramStore store, byte[] hash, byte[] package)
    {
        try
        {
            (await store.AddAsync(s_build, hash, new MemoryStream(package), CancellationToken.None)).Dispose();
            return true;
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            return false;
        }
    }

    private static PackageManifest Manifest(IReadOnlyList<PackageFile> files) => new()
    {
        Platform = "linux-x64",
        Library = Guid.Empty,
        LibraryVersion = "1.0",
        Configuration = "app.runtimeconfig.json",
        Dependencies = "",
        Files = files,
    };

    private ProgramStore NewStore() => new(Path.Combine(_folder, "store"));

    private async Task<(byte[] Package, byte[] Manifest)> PackAsync()
    {
        Dictionary<string, string> files = new() { ["app.runtimeconfig.json"] = "{}", ["sub/words.txt"] = "tea samovar cup" };
        List<PackageFile> described = [];
        Dictionary<string, string> paths = [];
        foreach (var (name, content) in files)
        {
            string path = Path.Combine(_folder, Path.GetFileName(name));
            await File.WriteAllTextAsync(path, content);
            var (hash, length) = PackageStream.HashOf(path);
            described.Add(new PackageFile(name, length, hash));
            paths[name] = path;
        }

        var manifest = Manifest(described);
        var package = new MemoryStream();
        byte[] written = manifest.Write();
        await new ProgramPackage(manifest, paths).WriteAsync(written, package, CancellationToken.None);
        return (package.ToArray(), written);
    }
}
