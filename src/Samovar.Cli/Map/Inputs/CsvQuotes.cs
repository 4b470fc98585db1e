namespace Samovar.Cli.Map.Inputs;

/// <summary>What is wrong with the quotes of a record of CSV; the parser reports only the first fault.</summary>
/// <param name="IsOpen">Whether a quote is never closed.</param>
/// <param name="LinesBefore">How many line breaks of the record come before that quote.</param>
/// <param name="HasTextBehind">Whether text follows a closing quote, so that the quotes were not meant as such.</param>
internal readonly record struct CsvQuotes(bool IsOpen, int LinesBefore, bool HasTextBehind)
{
    /// <param name="record">The record as it is in the file.</param>
    /// <param name="separator">What separates its fields.</param>
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
