#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Each worker initializes its expensive state once.

using System.Collections.Frozen;
using Samovar;

await using var pool = new ProcessExecutor(new() { Workers = 2, Initializer = () => Lexicon.Load(200_000) });

string[] words = [.. Enumerable.Range(199_900, 200).Select(static n => $"word{n}")];
var answers = await pool.Map(words, static word => (Known: Lexicon.Knows(word), Lexicon.Loads)).ToListAsync();
Console.WriteLine($"{answers.Count(static answer => answer.Known)} of {words.Length} words are known");
Console.WriteLine($"each worker has loaded its lexicon {answers.Max(static answer => answer.Loads)} time");

internal static class Lexicon
{
    private static FrozenSet<string> s_words = [];                       // of this process

    public static int Loads { get; private set; }

    public static void Load(int size)
    {
        s_words = Enumerable.Range(0, size).Select(static n => $"word{n}").ToFrozenSet();
        Loads++;
    }

    public static bool Knows(string word) => s_words.Contains(word);
}
