using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics;

namespace Samovar.Stress.Shipping;

/// <summary>Sends hash tables to a second process, where strings have other hash codes, and calls the closures that look their keys up there.</summary>
internal static class AcrossCommand
{
    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        if (arguments.Number("child", 0) == 1) return await AnswerAsync();

        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(typeof(AcrossCommand).Assembly.Location);
        foreach (string argument in new[] { "across", "--child", "1" }) start.ArgumentList.Add(argument);
        using var child = Process.Start(start)!;
        int failures = 0;
        foreach (var (name, question) in Questions())
        {
            await child.StandardInput.WriteLineAsync(Convert.ToBase64String(Serialization.Shipping.Pack(question)));
            string? answer = await child.StandardOutput.ReadLineAsync();
            Console.WriteLine($"{name,-32} {answer}");
            failures += answer == "True" ? 0 : 1;
        }

        child.StandardInput.Close();
        await child.WaitForExitAsync();
        return failures == 0 && child.ExitCode == 0 ? 0 : 1;
    }

    private static async Task<int> AnswerAsync()
    {
        while (await Console.In.ReadLineAsync() is { } line)
        {
            try
            {
                Console.WriteLine(Serialization.Shipping.Unpack<Func<bool>>(Convert.FromBase64String(line))());
            }
            catch (Exception e)
            {
                Console.WriteLine(e.ToString().ReplaceLineEndings(" "));
            }
        }

        return 0;
    }

    private static IEnumerable<(string Name, Func<bool> Question)> Questions()
    {
        var key = new FuzzSamples.Key("a", new FuzzSamples.Key("b", null));
        int here = "hash".GetHashCode(StringComparison.Ordinal);
        yield return ("another hash seed", () => "hash".GetHashCode(StringComparison.Ordinal) != here);
        var map = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["one"] = 1 };
        yield return ("dictionary, ignoring case", () => map["ONE"] == 1);
        var records = new Dictionary<FuzzSamples.Key, int> { [key] = 1 };
        yield return ("dictionary by records", () => records[new FuzzSamples.Key("a", new FuzzSamples.Key("b", null))] == 1);
        var set = new HashSet<(string, int)> { ("x", 1) };
        yield return ("set of tuples", () => set.Contains(("x", 1)));
        var frozen = new[] { "alpha", "beta", "gamma" }.ToFrozenSet();
        yield return ("frozen set", () => frozen.Contains("beta"));
        var frozenRecords = records.ToFrozenDictionary();
        yield return ("frozen dictionary by records", () => frozenRecords.ContainsKey(new FuzzSamples.Key("a", new FuzzSamples.Key("b", null))));
        var immutable = ImmutableDictionary<string, int>.Empty.Add("one", 1);
        yield return ("immutable dictionary", () => immutable["one"] == 1);
        var immutableSet = ImmutableHashSet.Create(key);
        yield return ("immutable set of records", () => immutableSet.Contains(new FuzzSamples.Key("a", new FuzzSamples.Key("b", null))));
        var concurrent = new ConcurrentDictionary<string, int> { ["one"] = 1 };
        yield return ("concurrent dictionary", () => concurrent["one"] == 1);
        var table = new System.Collections.Hashtable { ["one"] = 1 };
        yield return ("hash table", () => table["one"] is 1);
        var ordered = new OrderedDictionary<string, int> { ["one"] = 1 };
        yield return ("ordered dictionary", () => ordered["one"] == 1);
        var lookup = new[] { "tea", "tin", "pot" }.ToLookup(w => w[..1]);
        yield return ("lookup", () => lookup["t"].Count() == 2);
        var named = new System.Collections.Specialized.NameValueCollection { ["a"] = "1" };
        yield return ("name-value collection", () => named["A"] == "1");
        var address = System.Net.IPAddress.Parse("10.1.2.3");
        _ = address.GetHashCode();
        yield return ("cached hash code of an address", () => address.GetHashCode() == System.Net.IPAddress.Parse("10.1.2.3").GetHashCode());
        var types = new Dictionary<Type, int> { [typeof(string)] = 1 };
        yield return ("dictionary by types", () => types[typeof(string)] == 1);
    }
}
