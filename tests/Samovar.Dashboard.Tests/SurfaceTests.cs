using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using PublicApiGenerator;
using Samovar.Dashboard.Serving;
using Samovar.Dashboard.Watches;

namespace Samovar.Dashboard.Tests;

/// <summary>What the package shows to others: its public members, its options, and the files of its pages.</summary>
public sealed class SurfaceTests
{
    private const int LargestTransfer = 60 * 1024; // bytes of all files, compressed

    private static readonly string s_root = FindRoot();

    private static readonly string s_web = Path.Combine(s_root, "src/Samovar.Dashboard/web");

    /// <summary>To accept an intended change, run this test once with SAMOVAR_ACCEPT_API=1 and commit the file.</summary>
    [ThreadFact]
    public void The_public_surface_is_the_reviewed_one()
    {
        string reviewed = Path.Combine(s_root, "tests/Samovar.Dashboard.Tests/PublicApi.txt");
        string actual = typeof(SamovarDashboardOptions).Assembly
            .GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false, DenyNamespacePrefixes = [] }).ReplaceLineEndings("\n") + "\n";
        if (Environment.GetEnvironmentVariable("SAMOVAR_ACCEPT_API") == "1") File.WriteAllText(reviewed, actual);

        actual.ShouldBe(File.ReadAllText(reviewed).ReplaceLineEndings("\n"));
    }

    [ThreadFact]
    public void Public_types_are_in_the_root_and_all_others_in_folders_with_the_names_of_their_namespaces()
    {
        const string root = "Samovar.Dashboard";
        foreach (var type in typeof(SamovarDashboardOptions).Assembly.GetTypes().Where(static type => type.DeclaringType is null && type.Namespace?.StartsWith(root, StringComparison.Ordinal) == true))
        {
            type.IsPublic.ShouldBe(type.Namespace == root, type.FullName);
            if (type.Name.StartsWith('<')) continue;
            File.Exists(Path.Combine(s_root, "src/Samovar.Dashboard", type.Namespace![root.Length..].Replace('.', '/').TrimStart('/'), $"{type.Name}.cs")).ShouldBeTrue(type.FullName);
        }
    }

    [ThreadFact]
    public void An_option_out_of_its_range_is_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(static () => new SamovarDashboardOptions { Rate = 0 }).Message.ShouldContain("Rate");
        Should.Throw<ArgumentOutOfRangeException>(static () => new SamovarDashboardOptions { Rate = 21 });
        Should.Throw<ArgumentOutOfRangeException>(static () => new SamovarDashboardOptions { IdleTime = TimeSpan.FromSeconds(-1) }).Message.ShouldContain("IdleTime");
        var options = new SamovarDashboardOptions();
        (options.AllowCommands, options.Rate, options.IdleTime).ShouldBe((false, 4, TimeSpan.FromMinutes(1)));
    }

    [ThreadFact]
    public void Another_version_of_the_library_is_an_error_that_names_both()
    {
        LibraryVersion.Require();
        Should.Throw<InvalidOperationException>(static () => LibraryVersion.Require(new Version(1, 2, 0, 0), new Version(1, 3, 0, 0))).Message
            .ShouldBe("Samovar.Dashboard 1.2.0 needs the same version of Samovar, and 1.3.0 is loaded. Reference the same version of both packages.");
    }

    /// <summary>The bundle names the hash of its sources; build.mjs computes it in the same way.</summary>
    [ThreadFact]
    public void The_committed_bundle_is_that_of_the_sources()
    {
        var inputs = Directory.EnumerateFiles(Path.Combine(s_web, "source"), "*", SearchOption.AllDirectories)
            .Concat(new[] { "build.mjs", "package.json", "package-lock.json" }.Select(static name => Path.Combine(s_web, name)))
            .Select(static path => (Name: Path.GetRelativePath(s_web, path).Replace('\\', '/'), Path: path))
            .OrderBy(static input => input.Name, StringComparer.Ordinal);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, path) in inputs)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\0"));
            hash.AppendData(File.ReadAllBytes(path));
            hash.AppendData([0]);
        }

        string bundle = File.ReadAllText(Path.Combine(s_web, "dist/dashboard.js"));

        bundle.StartsWith($"/* sources: {Convert.ToHexStringLower(hash.GetHashAndReset())} ", StringComparison.Ordinal)
            .ShouldBeTrue("The sources of the pages have changed since the bundle was built: run build/dashboard, and commit src/Samovar.Dashboard/web/dist.");
    }

    [ThreadFact]
    public void The_files_of_the_pages_are_small()
    {
        long size = 0;
        foreach (var (name, _) in WebFiles.All)
        {
            using var compressed = new MemoryStream();
            using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true)) gzip.Write(WebFiles.Read(name));
            size += compressed.Length;
        }

        size.ShouldBeLessThanOrEqualTo(LargestTransfer);
    }

    [ThreadFact]
    public void The_page_loads_only_files_of_the_dashboard_by_relative_addresses()
    {
        string page = Encoding.UTF8.GetString(WebFiles.Read("dashboard.html"));

        var addresses = Regex.Matches(page, "(src|href)=\"(?<address>[^\"]*)\"", RegexOptions.ExplicitCapture, TestTimeout.Wait)
            .Select(static match => match.Groups["address"].Value);
        addresses.ShouldBe(["icon.svg", "dashboard.css", "dashboard.js"]);
        page.ShouldNotContain("<style");
        page.ShouldNotContain("<script>");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Samovar.slnx")))
            folder = folder.Parent ?? throw new InvalidOperationException($"no Samovar.slnx above {AppContext.BaseDirectory}");
        return folder.FullName;
    }
}
