namespace Samovar.Cli.Map.Inputs;

/// <summary>Finds the quote that a record never closes.</summary>
internal static class CsvQuotes
{
    /// <summary>How many line breaks of a record come before the quote that is open at its end.</summary>
    /// <param name="record">The record as it is in the file, in UTF-8.</param>
    /// <param name="separator">What separates its fields.</param>
    public static int LinesBeforeOpenQuote(ReadOnlySpan<byte> record, char separator)
    {
        int lines = 0, linesAtOpening = 0;
        bool isQuoted = false, isAtStart = true;
        for (int i = 0; i < record.Length; i++)
        {
            byte c = record[i];
            if (c == '\n' || c == '\r' && (i + 1 == record.Length || record[i + 1] != '\n')) lines++;
            if (isQuoted)
            {
                if (c != '"') continue;
                if (i + 1 < record.Length && record[i + 1] == '"') i++;
                else isQuoted = false;
            }
            else if (c == '"' && isAtStart)
            {
                isQuoted = true;
                linesAtOpening = lines;
            }

            isAtStart = !isQuoted && c == separator;
        }

        return linesAtOpening;
    }
}
