using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Methods;
using Samovar.Cli.Map.Shell.Platform;

namespace Samovar.Cli.Map.Shell;

/// <summary>Makes the keys under which a cache keeps the output of commands. Used by one thread at a time.</summary>
/// <remarks>
/// A key contains the command as it was written, the program and the arguments that run for the item, the current directory, whether a cluster runs it, and
/// the size and last change of three kinds of files: programs, files that the command names itself, and files that the item names. The slot, <c>{%}</c>, is
/// left out, because it is another one in each run. So are the files to which the shell redirects output.
/// </remarks>
internal sealed class CommandKeys
{
    private const int NoSlot = 0;

    private static readonly char[] s_ends = [.. " \t\r\n;|&<>()'\"`$="]; // of a word in a script

    // Of output, to a file whose name has no quotes.
    private static readonly Regex s_redirection = new(@">[>|&]?\s*[^\s;|&<>()'""]+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    private readonly CommandTemplate _template;
    private readonly ItemShape _shape;
    private readonly bool _isLocal;
    private readonly Action<string> _say;
    private readonly Placeholder[] _values; // whole values, of which the command may use parts
    private readonly Dictionary<string, string> _named; // states of the files and programs that the command names
    private readonly byte[] _run; // what is the same for all items
    private bool _hasFolder;

    /// <param name="template">The command.</param>
    /// <param name="shape">How the values of an item are found.</param>
    /// <param name="isLocal">Whether the command runs on this machine, which has its programs.</param>
    /// <param name="others">What the result depends on besides.</param>
    /// <param name="say">Receives a message.</param>
    public CommandKeys(CommandTemplate template, ItemShape shape, bool isLocal, byte[] others, Action<string> say)
    {
        _template = template;
        _shape = shape;
        _isLocal = isLocal;
        _say = say;
        _values = [.. template.Placeholders.Where(static p => p.Kind is PlaceholderKind.Item or PlaceholderKind.Column)
            .Select(static p => p with { Text = "", Part = PathPart.Whole }).Distinct()];
        _named = template.Literals.SelectMany(Words).Distinct(StringComparer.Ordinal).ToDictionary(static word => word, StateOf, StringComparer.Ordinal);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, "command");
        Append(hash, template.Text);
        Append(hash, Environment.CurrentDirectory);
        Append(hash, isLocal ? "here" : "cluster");
        foreach (string state in _named.Values) Append(hash, state); // in the order of the command
        hash.AppendData(others);
        _run = hash.GetHashAndReset();
    }

    /// <summary>Returns the key of an item; null if its result is not kept.</summary>
    public ResultCacheKey? KeyOf(InputItem item)
    {
        if (item.IsBroken) return null;
        try
        {
            var values = new ItemValues(item, _shape, NoSlot);
            string[] words = _template.Arguments(values);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(_run);
            foreach (string word in words) Append(hash, word);
            if (_template.Program is null && _isLocal) Append(hash, StateOf(words[0]));
            foreach (Placeholder placeholder in _values)
            {
                string value = values.Get(placeholder);
                string? state = FileState.Of(value);
                if (state is null && Directory.Exists(value))
                {
                    SayFolder(item, value);
                    return null;
                }

                Append(hash, state ?? "");
            }

            return new ResultCacheKey(hash.GetHashAndReset());
        }
        catch (MalformedItemException)
        {
            return null; // the call reports it
        }
    }

    /// <summary>Says which files that the command names have changed since the keys were made: with those, a later run finds nothing.</summary>
    public void SayChanges()
    {
        foreach ((string word, string state) in _named)
        {
            if (StateOf(word) != state)
                _say($"samovar: {word} has changed during the run. The command names it, so the next run makes new results. If the command writes it, pass its name in a variable of the environment.");
        }
    }

    // The words of a script are not parsed: one that is taken for a file by mistake only makes a key differ without need.
    private string[] Words(string literal) => _template.UsesShell ? s_redirection.Replace(literal, " ").Split(s_ends, StringSplitOptions.RemoveEmptyEntries) : [literal];

    private string StateOf(string word)
    {
        if (FileState.Of(word) is { } state) return state;
        if (!_isLocal) return "";
        try
        {
            string path = ProgramSearch.Find(word);
            return path + FileState.Of(path);
        }
        catch (CommandStartException)
        {
            return ""; // no program; if one must exist, starting the command reports it
        }
    }

    private void SayFolder(InputItem item, string folder)
    {
        if (_hasFolder) return;
        _hasFolder = true;
        _say($"samovar: item {item.Number} names a folder, {folder}; results of items that name folders are not kept, because what is in a folder is not looked at.");
    }

    // UTF-16, because UTF-8 has one replacement for all invalid characters.
    private static void Append(IncrementalHash hash, string text)
    {
        hash.AppendData(BitConverter.GetBytes(text.Length));
        hash.AppendData(MemoryMarshal.AsBytes(text.AsSpan()));
    }
}
