using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Samovar.Cli.Map;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Outputs;
using Samovar.Cli.Map.Progress;
using Samovar.Cli.Map.Running;
using Samovar.Cli.Map.Shell;

namespace Samovar.Cli.Commands;

/// <summary>The arguments and options of <c>samovar map</c>.</summary>
internal sealed class MapOptionSet
{
    private readonly Argument<string?> _target = new("TARGET")
    {
        Description = "The C# file, project (or its folder) or built assembly (.dll) that has the method. None with --command.",
        Arity = ArgumentArity.ZeroOrOne, // CheckTarget requires it without --command
    };

    private readonly Argument<string[]> _rest = new("METHOD")
    {
        Description = "Type.Method or Method. Optional if only one method fits. Items may follow after --.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly CommandOptionSet _command = new();
    private readonly Option<string?> _framework = Text(
        "--framework", "FRAMEWORK", "Build a project with several target frameworks for this one, such as net10.0.", "-f");

    private readonly Option<string?> _input = Text("--input", "FILE", "Read items from FILE; - is standard input. Default: -.", "-i");
    private readonly Option<string?> _inputFormat = Text(
        "--input-format", "FORMAT", "Format of the input: lines, jsonl, json, csv or tsv. Default: from the file name.");
    private readonly Option<bool> _null = Flag("--null", "Items are terminated by NUL instead of a newline, as find -print0 writes them.", "-0");
    private readonly Option<string?> _column = Text("--column", "NAME", "Use this column of a CSV file as the item.");
    private readonly Option<char?> _separator = Parsed<char>(
        "--separator", "CHAR", "Column separator of a CSV file: ';', tab. Default: from the header line.",
        "one character such as ';' or tab", Separators.TryParse);

    private readonly Option<string[]> _files = new("--files")
    {
        HelpName = "GLOB",
        Description = "Use the paths of matching files as items: 'src/**/*.cs'. Repeatable; '!GLOB' excludes files.",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string?> _range = Text("--range", "FROM..TO[..STEP]", "Use whole numbers as items.");
    private readonly Option<bool> _shuffle = Flag(
        "--shuffle", "Run the items in a random order, which is the same in every run. Reads the whole input first.");
    private readonly Option<long?> _limit = Parsed<long>("--limit", "N", "Run at most N items.", "a whole number of at least 1",
        text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long n) && n > 0 ? n : null);

    private readonly Option<int?> _workers = Parsed<int>("--workers", "N", "Run up to N items at the same time. Default: the number of processors.",
        "a whole number from 1 to 4096",
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n is > 0 and <= 4096 ? n : null, "-j");

    private readonly Option<Engine?> _engine = Parsed<Engine>(
        "--engine", "ENGINE", "What runs the items: processes, threads or inline (one after the other). Default: processes.",
        "processes, threads or inline", Word<Engine>);

    private readonly ClusterOptionSet _cluster = ClusterOptionSet.Optional();

    private readonly Option<TimeSpan?> _timeout = Parsed<TimeSpan>("--timeout", "TIME", "Fail an item that runs longer than TIME: 500ms, 10s, 2m.",
        "a time such as 500ms, 10s or 2m", Units.TryParseTime);

    private readonly Option<int?> _retries = Parsed<int>("--retries", "N", "Retry a failed item up to N times. Default: 0.",
        "a whole number from 0 to 1000",
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n is >= 0 and <= 1000 ? n : null);

    private readonly Option<long?> _memory = Parsed<long>("--memory-limit", "SIZE",
        "Replace a worker that holds more than SIZE after an item: 500M, 2G. An item that needs twice as much fails.",
        "a size of at least 16M, such as 500M or 2G", text => Units.TryParseSize(text) is >= 16 * 1024 * 1024 and var n ? n : null);

    private readonly Option<int?> _perWorker = Parsed<int>("--max-tasks-per-worker", "N", "Replace a worker after N items.",
        "a whole number of at least 1", text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n > 0 ? n : null);

    private readonly Option<bool> _keepOrder = Flag(
        "--keep-order", "Write results in the order of the items instead of the order in which they finish.", "-k");

    private readonly Option<HaltRule?> _halt = new("--halt")
    {
        HelpName = "first|N|N%",
        Description = "Stop after the first failure, after N failures, or when N % of the finished items have failed. Running items may finish.",
        CustomParser = result => Take(result, "first, a number such as 10, or a percentage such as 5%", HaltRule.TryParse),
    };

    private readonly Option<BadInput?> _badInput = Parsed<BadInput>("--on-bad-input", "WHAT",
        "What to do with a malformed item: fail (count it as failed), skip (report it only) or halt (stop the run). Default: fail.",
        "fail, skip or halt", Word<BadInput>);

    private readonly Option<bool> _dryRun = Flag("--dry-run", "Print the method and the items without running anything.");
    private readonly Option<string?> _output = Text("--output", "FILE", "Write results to FILE instead of standard output.", "-o");
    private readonly Option<ResultFormat?> _format = Parsed<ResultFormat>(
        "--format", "FORMAT", "Format of the results: text, jsonl, csv or tsv. Default: from the name of --output.",
        "text, jsonl, csv or tsv", Word<ResultFormat>);

    private readonly Option<bool> _tag = Flag("--tag", "Write each result together with its input.");
    private readonly Option<string?> _jobLog = Text("--job-log", "FILE", "Write a line of JSON to FILE for each finished item.");
    private readonly Option<bool> _resume = Flag("--resume", "Resume the run recorded in the job log: items in it are not run again.");
    private readonly Option<bool> _resumeFailed = Flag("--resume-failed", "Like --resume, but run failed items again.");
    private readonly Option<bool> _cache = Flag("--cache", "Keep results: items that succeeded in an earlier run with the same code or command are not run again; the output of commands is written again, files that they write are not.");
    private readonly Option<string?> _cacheFolder = Text("--cache-folder", "DIR", "Keep results in DIR instead of the user's cache folder. Implies --cache.");
    private readonly Option<string[]> _cacheDependsOn = new("--cache-depends-on") { HelpName = "FILE", Description = "With --cache: run all items again when the content of FILE has changed. Repeatable." };
    private readonly Option<bool> _verbose = Flag("--verbose", "Print complete errors, with stack traces.");
    private readonly Option<ProgressKind?> _progress = Parsed<ProgressKind>("--progress", "KIND",
        "Progress on standard error: auto (live on a terminal, otherwise none), none, live, plain (a line a second) or json. Default: auto.",
        "auto, none, live, plain or json", Word<ProgressKind>);

    public MapOptionSet() => _rest.CompletionSources.Add(
        context => MethodCompletion.Of(context.ParseResult.GetResult(_target)?.Tokens is [var target, ..] ? target.Value : null, context));

    public IReadOnlyList<Argument> Arguments => [_target, _rest];

    public IReadOnlyList<Option> Options =>
    [
        .. _command.Options, _framework, _input, _inputFormat, _null, _column, _separator, _files, _range, _shuffle, _limit, _workers, _engine, .. _cluster.Options, _timeout, _retries, _memory, _perWorker, _keepOrder,
        _halt, _badInput, _dryRun, _output, _format, _tag, _jobLog, _resume, _resumeFailed, _cache, _cacheFolder, _cacheDependsOn, _verbose, _progress,
    ];

    /// <exception cref="UsageException">The arguments contradict each other.</exception>
    public MapRequest Read(ParseResult parsed)
    {
        (string? target, string? method, IReadOnlyList<string>? items) = Split(parsed);
        CommandSettings? command = _command.Read(parsed, _cluster.IsUsed(parsed));
        CheckTarget(parsed, target, command);
        bool resume = parsed.GetValue(_resume) || parsed.GetValue(_resumeFailed);
        string? jobLog = parsed.GetValue(_jobLog);
        if (resume && jobLog is null) throw new UsageException("--resume needs the --job-log of the run to continue.");
        if (jobLog is "-") throw new UsageException("--job-log takes a file, because --resume reads it; - is not supported.");
        string? inputFormat = parsed.GetValue(_inputFormat);
        if (inputFormat is not (null or "lines" or "jsonl" or "json" or "csv" or "tsv"))
            throw new UsageException($"--input-format takes lines, jsonl, json, csv or tsv, not '{inputFormat}'.");
        CheckEngine(parsed);
        CheckCluster(parsed);
        CheckCache(parsed);
        return new MapRequest
        {
            Target = target ?? "",
            Framework = parsed.GetValue(_framework),
            Method = method,
            Command = command,
            Arguments = items,
            Input = parsed.GetValue(_input),
            InputFormat = inputFormat,
            EndsWithNul = parsed.GetValue(_null),
            Column = parsed.GetValue(_column),
            Separator = parsed.GetValue(_separator),
            Files = parsed.GetValue(_files) ?? [],
            Range = parsed.GetValue(_range),
            Shuffle = parsed.GetValue(_shuffle),
            Limit = parsed.GetValue(_limit),
            Settings = new RunSettings
            {
                RunsCommands = command is not null,
                Engine = parsed.GetValue(_engine) ?? Engine.Processes,
                Cluster = _cluster.IsUsed(parsed) ? _cluster.Read(parsed) : null,
                Workers = parsed.GetValue(_workers) ?? Environment.ProcessorCount,
                Timeout = parsed.GetValue(_timeout),
                Retries = parsed.GetValue(_retries) ?? 0,
                MemoryLimit = parsed.GetValue(_memory),
                MaxItemsPerWorker = parsed.GetValue(_perWorker),
                KeepOrder = parsed.GetValue(_keepOrder),
                Halt = parsed.GetValue(_halt),
                BadInput = parsed.GetValue(_badInput) ?? BadInput.Fail,
            },
            Output = parsed.GetValue(_output),
            Format = parsed.GetValue(_format),
            WithInput = parsed.GetValue(_tag),
            JobLog = jobLog,
            Resume = parsed.GetValue(_resume),
            ResumeFailed = parsed.GetValue(_resumeFailed),
            Caches = parsed.GetValue(_cache) || parsed.GetValue(_cacheFolder) is not null,
            CacheFolder = parsed.GetValue(_cacheFolder),
            CacheDependsOn = parsed.GetValue(_cacheDependsOn) ?? [],
            DryRun = parsed.GetValue(_dryRun),
            Verbose = parsed.GetValue(_verbose),
            Progress = parsed.GetValue(_progress) ?? ProgressKind.Auto,
        };
    }

    // An option without effect is an error.
    private void CheckEngine(ParseResult parsed)
    {
        Engine engine = parsed.GetValue(_engine) ?? Engine.Processes;
        Option? unused = engine == Engine.Processes ? null
            : parsed.GetValue(_memory) is not null ? _memory
            : parsed.GetValue(_perWorker) is not null ? _perWorker
            : engine == Engine.Inline && parsed.GetValue(_timeout) is not null ? _timeout
            : null;
        if (unused is not null)
            throw new UsageException($"{unused.Name} has no effect with --engine {engine.ToString().ToLowerInvariant()}. Remove one of them.");
    }

    private void CheckCluster(ParseResult parsed)
    {
        if (!_cluster.IsUsed(parsed))
        {
            if (_cluster.UnusedWithout(parsed) is { } option) throw new UsageException($"{option} has no effect without --cluster. Remove it, or name the cluster.");
            return;
        }

        Option? unused = ((Option[])[_workers, _engine, _memory, _perWorker]).FirstOrDefault(option => parsed.GetResult(option) is not null);
        if (unused is not null)
            throw new UsageException($"{unused.Name} has no effect with --cluster: the nodes have their own workers. Remove one of them.");
    }

    private void CheckCache(ParseResult parsed)
    {
        if (parsed.GetValue(_cacheDependsOn) is not { Length: > 0 } files) return;
        if (!parsed.GetValue(_cache) && parsed.GetValue(_cacheFolder) is null)
            throw new UsageException($"{_cacheDependsOn.Name} has no effect without {_cache.Name}. Remove it, or add {_cache.Name}.");
        if (Array.Find(files, static file => !File.Exists(file)) is { } missing)
            throw new UsageException($"{_cacheDependsOn.Name} takes files, and {(Directory.Exists(missing) ? $"{missing} is a folder. Name the files in it." : $"there is no file {missing}.")}");
    }

    private void CheckTarget(ParseResult parsed, string? target, CommandSettings? command)
    {
        if (command is null)
        {
            if (target is null) throw new UsageException("no target is given. Name a C# file, a project or a built assembly (.dll) with the method, or a command with --command.");
            return;
        }

        if (target is not null) throw new UsageException($"'{target}' is a target, but --command replaces the method. Items follow after --: … -- {target}");
        Option? unused = ((Option[])[_framework, _engine, _memory, _perWorker, _format]).FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });
        if (unused is not null)
            throw new UsageException($"{unused.Name} has no effect with --command: it applies to methods. Remove one of them.");
        if (command.WritesLines && (parsed.GetValue(_keepOrder) || parsed.GetValue(_output) is not null))
        {
            throw new UsageException(
                $"--line-buffer has no effect with {(parsed.GetValue(_keepOrder) ? _keepOrder.Name : _output.Name)}: it writes lines to standard output as soon as they are there. Remove one of them.");
        }
    }

    // Arguments after "--" are items; before it are the target and the method.
    private (string? Target, string? Method, IReadOnlyList<string>? Items) Split(ParseResult parsed)
    {
        string[] words = [.. parsed.GetValue(_target) is { } first ? (string[])[first] : [], .. parsed.GetValue(_rest) ?? []];
        int dashes = parsed.Tokens.ToList().FindIndex(t => t.Type == TokenType.DoubleDash);
        int after = dashes < 0 ? 0 : parsed.Tokens.Count - dashes - 1;
        string[] before = words[..Math.Max(0, words.Length - after)];
        if (Array.Find(before, w => w.StartsWith('-')) is { } unknown)
        {
            string near = Spelling.Suggest(unknown, Options.SelectMany(o => (IEnumerable<string>)[o.Name, .. o.Aliases]));
            throw new UsageException($"unknown option '{unknown}'.{near} Items follow after --.");
        }

        string? target = before.Length > 0 ? before[0] : null;
        string? method = before.Length > 1 ? before[1] : null;
        return before.Length <= 2
            ? (target, method, dashes < 0 ? null : words[before.Length..])
            : throw new UsageException(
                $"unexpected argument '{before[2]}' after the method '{method}'. Items follow after --: … {method} -- {before[2]}");
    }

    private static Option<string?> Text(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { HelpName = value, Description = description };

    private static Option<bool> Flag(string name, string description, params string[] aliases) => new(name, aliases) { Description = description };

    private static T? Word<T>(string text)
        where T : struct, Enum => Enum.GetNames<T>().FirstOrDefault(n => n.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name ? Enum.Parse<T>(name) : null;

    private static Option<T?> Parsed<T>(string name, string value, string description, string expected, Func<string, T?> parse, params string[] aliases)
        where T : struct => new(name, aliases)
        {
            HelpName = value,
            Description = description,
            CustomParser = result => Take(result, expected, parse),
        };

    private static T Take<T>(ArgumentResult result, string expected, Func<string, T> parse)
    {
        string text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
        T value = parse(text);
        if (value is null) result.AddError($"{(result.Parent as OptionResult)?.Option.Name} takes {expected}, not '{text}'.");
        return value;
    }
}
