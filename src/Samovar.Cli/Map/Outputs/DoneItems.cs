using System.Globalization;
using Samovar.Cli.Map.Inputs;

namespace Samovar.Cli.Map.Outputs;

/// <summary>The items that an earlier run finished. They are identified by number, with a hash of the text to detect a changed input (four bytes
/// per item), or by text, so that items may be added and removed.</summary>
/// <param name="byText">Whether items are identified by their text.</param>
internal sealed class DoneItems(bool byText)
{
    /// <summary>The largest item number that can be stored.</summary>
    public const long Largest = int.MaxValue - 100; // slightly less than the maximum array length

    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private uint[] _hashes = []; // by number; 0: not finished
    private long _count;

    public long Count => byText ? _texts.Count : _count;

    /// <summary>Computes a hash that is the same in every process and never 0 (FNV-1a).</summary>
    private static uint Hash(ReadOnlySpan<char> text)
    {
        uint hash = 2166136261;
        foreach (char c in text) hash = (hash ^ c) * 16777619;
        return hash | 1;
    }

    /// <param name="number">The item's number, up to <see cref="Largest"/>.</param>
    /// <param name="text">The item's text, cut as in the job log.</param>
    public void Add(long number, string text)
    {
        if (byText)
        {
            _texts.Add(Key(number, text));
            return;
        }

        if (number >= _hashes.Length) Array.Resize(ref _hashes, (int)Math.Max(number + 1, Math.Min(_hashes.Length * 2L, Largest + 1)));
        if (_hashes[number] == 0) _count++;
        _hashes[number] = Hash(text);
    }

    /// <summary>Returns the items that are not finished.</summary>
    /// <exception cref="UsageException">The text of a finished item differs: the input has changed.</exception>
    public IEnumerable<InputItem> Without(IEnumerable<InputItem> items) => items.Where(item => !IsDone(item));

    private bool IsDone(InputItem item)
    {
        if (byText) return _texts.Contains(Key(item.Number, JobLog.Cut(item.Text).ToString()));
        uint hash = item.Number < _hashes.Length ? _hashes[item.Number] : 0;
        return hash != 0 && (hash == Hash(JobLog.Cut(item.Text)) ? true : throw new UsageException(
            $"The input has changed since the run in the job log: item {item.Number} is now '{TextFormat.Short(item.Text)}'. "
            + "Run without --resume, with a new --job-log."));
    }

    // Several items may have the same text after it is cut.
    private static string Key(long number, string text) =>
        text.Length < JobLog.LongestInput - 1 ? text : string.Create(CultureInfo.InvariantCulture, $"{text}\0{number}");
}
