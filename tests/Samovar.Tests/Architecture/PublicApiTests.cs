namespace Samovar.Tests.Architecture;

/// <summary>
/// Holds the library's public surface by the reviewed file PublicApi.txt. A change that is meant is accepted by running this
/// test once with SAMOVAR_ACCEPT_API=1 and committing the file.
/// </summary>
public sealed class PublicApiTests
{
    private static readonly string s_reviewed = Path.Combine(Repository.Root, "tests/Samovar.Tests/Architecture/PublicApi.txt");

    [ThreadFact]
    public void The_public_surface_is_the_reviewed_one()
    {
        string actual = PublicSurface.Of(typeof(FutureState).Assembly.GetExportedTypes());
        if (Environment.GetEnvironmentVariable("SAMOVAR_ACCEPT_API") == "1") File.WriteAllText(s_reviewed, actual);

        string difference = Difference(File.ReadAllText(s_reviewed).ReplaceLineEndings("\n"), actual);
        Assert.True(difference == "", $"The public surface has changed:\n{difference}\n"
            + "If that is meant, run this test once with SAMOVAR_ACCEPT_API=1, read the file's difference and commit it.");
    }

    [ThreadFact]
    public void A_changed_member_shows_as_removed_and_added_below_its_type() =>
        Difference("N: class A\n    A()\n    int X { get; }\nN: class B\n    B()\n", "N: class A\n    A()\n    long X { get; }\nN: class B\n    B()\n")
            .ShouldBe("N: class A\n  -     int X { get; }\n  +     long X { get; }");

    [ThreadFact]
    public void Every_kind_of_declaration_is_written_as_it_was_declared() =>
        Difference(SurfaceSample.Expected, PublicSurface.Of(typeof(SurfaceSample).GetNestedTypes())).ShouldBeEmpty();

    private static string Difference(string reviewed, string actual)
    {
        (string Type, string Line)[] before = [.. ByType(reviewed)];
        (string Type, string Line)[] after = [.. ByType(actual)];
        var changes = before.Except(after).Select(entry => (entry.Type, Line: $"  - {entry.Line}"))
            .Concat(after.Except(before).Select(entry => (entry.Type, Line: $"  + {entry.Line}")));
        return string.Join('\n', changes.GroupBy(change => change.Type, change => change.Line)
            .Select(group => $"{group.Key}\n{string.Join('\n', group)}"));
    }

    private static IEnumerable<(string Type, string Line)> ByType(string surface)
    {
        string type = "";
        foreach (string line in surface.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!line.StartsWith(' ')) type = line;
            yield return (type, line);
        }
    }
}
