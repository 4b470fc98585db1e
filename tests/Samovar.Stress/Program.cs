using Samovar.Stress;
using Samovar.Stress.Shipping;

// One verb a kind of stress; each prints what it did and gives 0 only if all held.
var verbs = new Dictionary<string, Verb>(StringComparer.Ordinal)
{
    ["across"] = new("hash tables shipped to another process find their keys there", "", AcrossVerb.RunAsync),
    ["fuzz"] = new("altered messages give a typed error or a value", "--count N (1000000) --seed N (1)", FuzzVerb.Run),
};

if (args.Length == 0 || !verbs.TryGetValue(args[0], out var verb))
{
    Console.Error.WriteLine("usage: Samovar.Stress VERB [--name value]...");
    foreach (var (name, known) in verbs)
        Console.Error.WriteLine($"  {name,-10} {known.Summary}; {known.Usage}");
    return 2;
}

return await verb.RunAsync(new VerbArguments(args[1..]));
