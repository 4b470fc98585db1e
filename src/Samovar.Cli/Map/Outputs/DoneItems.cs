using Samovar.Cli.Map.Inputs;

namespace Samovar.Cli.Map.Outputs;

/// <summary>The items that an earlier run has done: by number, each with a hash of its text, so that another input is noticed. Four bytes
/// an item.</summary>
internal sealed class DoneItems
{
    /// <summary>The largest number that can be remembered.</summary>
    public const long Largest = int.MaxValue - 100; // some less than the longest array

    private uint[] _hashes = []; // by number; 0: not done

    public long Count { get; private set; }

    /// <summary>A hash that is the same in every process, and never 0 (FNV-1a).</summary>
    public static uint Hash(ReadOnlySpan<char> text)
    {
        uint hash = 2166136261;
        foreach (char c in text) hash = (hash ^ c) * 16777619;
        return hash | 1;
    }

    public void Add(long number, uint hash)
    {
        if (number >= _hashes.Length) Array.Resize(ref _hashes, (int)Math.Max(number + 1, Math.Min(_hashes.Length * 2L, Largest + 1)));
        if (_hashes[number] == 0) Count++;
        _hashes[number] = hash;
    }

    /// <summary>The items that are still to run.</summary>
    /// <exception cref="MistakeException">An item that is done was another: the input has changed.</exception>
    public IEnumerable<InputItem> Without(IEnumerable<InputItem> items)
    {
        foreach (InputItem item in items)
        {
            uint hash = item.Number < _hashes.Length ? _hashes[item.Number] : 0;
            if (hash == 0)
            {
                yield return item;
            }
            else if (hash != Hash(JobLog.Cut(item.Text)))
            {
                throw new MistakeException(
                    $"Item {item.Number} is '{Texts.Short(item.Text)}', and was another when the run began: the input has changed since. "
                    + "Run without --resume, with a new --job-log.");
            }
        }
    }
}
