using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using PublicApiGenerator;
using Samovar.Hosting;

namespace Samovar.Tests.Architecture;

/// <summary>
/// Compares the public members of the library and of the package for hosts with the reviewed files PublicApi.txt and PublicApi.Hosting.txt. To accept an intended change, run this test once with
/// SAMOVAR_ACCEPT_API=1 and commit the file.
/// </summary>
public sealed class PublicApiTests
{
    [ThreadTheory]
    [InlineData(typeof(FutureState), "PublicApi.txt")]
    [InlineData(typeof(SamovarBuilder), "PublicApi.Hosting.txt")]
    public void The_public_surface_is_the_reviewed_one(Type member, string file)
    {
        string reviewed = Path.Combine(Repository.Root, "tests/Samovar.Tests/Architecture", file);
        var options = new ApiGeneratorOptions
        {
            IncludeAssemblyAttributes = false,
            DenyNamespacePrefixes = [],
            ExcludeAttributes =
            [
                typeof(DebuggerDisplayAttribute).FullName!,
                typeof(DebuggerTypeProxyAttribute).FullName!,
                typeof(AsyncMethodBuilderAttribute).FullName!,
                typeof(UnconditionalSuppressMessageAttribute).FullName!,
            ],
        };
        string actual = member.Assembly.GeneratePublicApi(options).ReplaceLineEndings("\n") + "\n";
        if (Environment.GetEnvironmentVariable("SAMOVAR_ACCEPT_API") == "1") File.WriteAllText(reviewed, actual);

        string difference = Difference(File.ReadAllText(reviewed).ReplaceLineEndings("\n"), actual);
        Assert.True(difference == "", $"The public surface has changed:\n{difference}\n"
            + "If the change is intended, run this test once with SAMOVAR_ACCEPT_API=1, review the file's difference and commit it.");
    }

    [ThreadFact]
    public void A_changed_member_is_reported_as_removed_and_added_below_its_type() =>
        Difference(
            "namespace N\n{\n    public class A\n    {\n        public int X { get; }\n    }\n    public class B\n    {\n        public int X { get; }\n    }\n}\n",
            "namespace N\n{\n    public class A\n    {\n        public long X { get; }\n    }\n    public class B\n    {\n        public int X { get; }\n    }\n}\n")
            .ShouldBe("namespace N: public class A\n  - public int X { get; }\n  + public long X { get; }");

    private static string Difference(string reviewed, string actual)
    {
        (string Type, string Line)[] before = [.. ByType(reviewed)], after = [.. ByType(actual)];
        var changes = before.Except(after).Select(entry => (entry.Type, Line: $"  - {entry.Line}"))
            .Concat(after.Except(before).Select(entry => (entry.Type, Line: $"  + {entry.Line}")));
        return string.Join('\n', changes.GroupBy(change => change.Type, change => change.Line)
            .Select(group => $"{group.Key}\n{string.Join('\n', group)}"));
    }

    // A type is indented by four spaces in its namespace, its attributes and members follow below.
    private static IEnumerable<(string Type, string Line)> ByType(string surface)
    {
        string space = "", type = "";
        foreach (string line in surface.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("namespace", StringComparison.Ordinal)) space = line;
            else if (line.StartsWith("    public ", StringComparison.Ordinal)) type = line.Trim();
            yield return ($"{space}: {type}", line.Trim());
        }
    }
}
