namespace Samovar.Cli.Map.Inputs;

/// <summary>The errors in the quotes of a CSV record. The parser reports only the first one.</summary>
/// <param name="IsOpen">Whether a quote is never closed.</param>
/// <param name="LinesBefore">The number of line breaks in the record before that quote.</param>
/// <param name="HasTextBehind">Whether text follows a closing quote, so that the quotes are probably part of the text.</param>
internal readonly record struct CsvQuotes(bool IsOpen, int LinesBefore, bool HasTextBehind)
{
    /// <param name="record">The record as it appears in the file.</param>
    /// <param name="separator">The field separator.</param>
    public static CsvQuotes Of(ReadOnlySpan<char> record, char separator)
    {
        int lines = 0, linesBefore = 0;
        bool isQuoted = false, isAtStart = true, hasTextBehind = false;
        for (int i = 0; i < record.Length; i++)
        {
            char c = record[i];
            if (c == '\n' || c == '\r' && (i + 1 == record.Length || record[i + 1] != '\n')) lines++;
            if (isQuoted)
            {
                if (c != '"') continue;
                if (i + 1 < record.Length && record[i + 1] == '"')
                {
                    i++;
                    continue;
                }

                isQuoted = false;
                hasTextBehind |= i + 1 < record.Length && record[i + 1] != separator && record[i + 1] is not ('\r' or '\n');
            }
            else if (c == '"' && isAtStart)
            {
                isQuoted = true;
                linesBefore = lines;
            }

            isAtStart = !isQuoted && c == separator;
        }

        return new CsvQuotes(isQuoted, linesBefore, hasTextBehind);
    }
}
