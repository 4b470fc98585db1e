namespace Samovar.Cli;

/// <summary>Suggests the known word that is closest to a mistyped one.</summary>
internal static class Spelling
{
    /// <summary>Returns <c> Did you mean 'doctor'?</c> with a leading space, or an empty string if no known word is close enough.</summary>
    public static string Suggest(string word, IEnumerable<string> known)
    {
        string? nearest = known.MinBy(name => Distance(word, name));
        // One substitution in a one-letter option would leave only the dash in common.
        int most = word.TrimStart('-').Length <= 1 ? 0 : Math.Max(1, word.Length / 3);
        return nearest is not null && Distance(word, nearest) <= most
            ? $" Did you mean '{nearest}'?"
            : "";
    }

    // Case-insensitive Levenshtein distance, with one row of the matrix in memory.
    private static int Distance(string from, string to)
    {
        var row = new int[to.Length + 1];
        for (int j = 0; j <= to.Length; j++) row[j] = j;

        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int substituted = diagonal + (char.ToLowerInvariant(from[i - 1]) == char.ToLowerInvariant(to[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
