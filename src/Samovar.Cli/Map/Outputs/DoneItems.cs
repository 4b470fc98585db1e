using System.Globalization;
using Samovar.Cli.Map.Inputs;

namespace Samovar.Cli.Map.Outputs;

/// <summary>The items that an earlier run has done: by number, each with a hash of its text, so that another input is noticed (four bytes an
/// item); or by text, so that items may come and go.</summary>
/// <param name="byText">Whether an item is known by its text.</param>
internal sealed class DoneItems(bool byText)
{
    /// <summary>The largest number that can be remembered.</summary>
    public const long Largest = int.MaxValue - 100; // some less than the longest array

    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private uint[] _hashes = []; // by number; 0: not done
    private long _count;

    public long Count => byText ? _texts.Count : _count;

    /// <summary>A hash that is the same in every process, and never 0 (FNV-1a).</summary>
    private static uint Hash(ReadOnlySpan<char> text)
    {
        uint hash = 2166136261;
        foreach (char c in text) hash = (hash ^ c) * 16777619;
        return hash | 1;
    }

    /// <param name="number">The item's number, up to <see cref="Largest"/>.</param>
    /// <param name="text">Its text as the job log keeps it.</param>
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

    /// <summary>The items that are still to run.</summary>
    /// <exception cref="UsageException">An item that is done was another: the input has changed.</exception>
    public IEnumerable<InputItem> Without(IEnumerable<InputItem> items) => items.Where(item => !IsDone(item));

    private bool IsDone(InputItem item)
    {
        if (byText) return _texts.Contains(Key(item.Number, JobLog.Cut(item.Text).ToString()));
        uint hash = item.Number < _hashes.Length ? _hashes[item.Number] : 0;
        return hash != 0 && (hash == Hash(JobLog.Cut(item.Text)) ? true : throw new UsageException(
            $"Item {item.Number} is '{TextFormat.Short(item.Text)}', and was another when the run began: the input has changed since. "
            + "Run without --resume, with a new --job-log."));
    }

    // A text that the log has cut may be that of several.
    private static string Key(long number, string text) =>
        text.Length < JobLog.LongestInput - 1 ? text : string.Create(CultureInfo.InvariantCulture, $"{text}\0{number}");
}
