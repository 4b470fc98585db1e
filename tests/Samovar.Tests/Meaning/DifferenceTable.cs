using Samovar.Tests.Architecture;

namespace Samovar.Tests.Meaning;

/// <summary>The table of docs/reference/what-differs.md.</summary>
internal static class DifferenceTable
{
    private static readonly int s_columns = 1 + Enum.GetValues<Column>().Length;

    /// <summary>The answers by row and column.</summary>
    public static IReadOnlyDictionary<string, string[]> Rows { get; } = File.ReadLines(Path.Combine(Repository.Root, "docs/reference/what-differs.md"))
        .Where(static line => line.StartsWith('|'))
        .Skip(2) // names of the columns, and the rule below them
        .Select(static line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries))
        .ToDictionary(static cells => cells[0], static cells => cells.Length == s_columns ? cells[1..] : throw new FormatException($"The row '{cells[0]}' has {cells.Length} cells."));
}
