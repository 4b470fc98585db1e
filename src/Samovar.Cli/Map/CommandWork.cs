using System.Globalization;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Methods;
using Samovar.Cli.Map.Outputs;
using Samovar.Cli.Map.Progress;
using Samovar.Cli.Map.Running;
using Samovar.Cli.Map.Shell;
using Samovar.Cli.Map.Shell.Platform;

namespace Samovar.Cli.Map;

/// <summary>Runs a command.</summary>
internal sealed class CommandWork(MapRequest request, CommandSettings settings) : MapWork
{
    private ItemShape? _shape;
    private CommandTemplate? _template;
    private LiveLines? _lines; // with --line-buffer, while the run lasts
    private CapturedOutput.SpanAction _errors = static _ => { };

    public override string Target => "--command";

    public override string Title => settings.Template;

    public override ItemInput OpenInput(Action<string> say)
    {
        ItemInput input = InputChoice.Make(request, item: null, say);
        if (settings.Separator is not null && input.Form != ItemFormat.Text)
            throw new UsageException($"--colsep splits lines of text, but {input.Name} has columns or JSON of its own. Remove --colsep.");
        _shape = new ItemShape(input.Form, settings.Separator);
        _template = CommandTemplate.Parse(settings.Template, Names(input));
        Check(input);
        return input;
    }

    public override ResultFormatter CreateFormatter(AppendBuffer file, string? path, ResultFormat format) =>
        new CommandResults(file, request.WithInput, piece => _errors(piece), settings.WritesLines ? result => _lines!.Replay(result) : null, settings.ResultsFolder);

    public override Executor CreateExecutor(ProgressView view)
    {
        _errors = view.SayBytes;
        return request.Settings.Cluster is { } cluster ? RunSettings.CreateExecutor(cluster) : new ThreadExecutor(new() { Name = "map", Workers = request.Settings.Workers });
    }

    public override IAsyncEnumerable<Outcome<InputItem, ItemReport>> Map(Executor executor, IAsyncEnumerable<InputItem> items, MapOptions options, RunState state)
    {
        bool isLocal = request.Settings.Cluster is null;
        var work = new CommandCall(_template!, _shape!)
        {
            Timeout = request.Settings.Timeout,
            Nice = settings.Nice,
            ThrowsFailures = request.Settings.Retries > 0,
            Directory = isLocal ? null : Environment.CurrentDirectory,
            Notes = state.Counters,
            Stop = state.Signal.Stop,
            Local = isLocal ? Local(state) : null,
        };
        return request.Caches ? Cached(executor, items, options, state, work) : executor.MapOutcomes<InputItem, ItemReport>(items, work.Run, options, state.Signal.Kill);
    }

    private IAsyncEnumerable<Outcome<InputItem, ItemReport>> Cached(
        Executor executor, IAsyncEnumerable<InputItem> items, MapOptions options, RunState state, CommandCall work)
    {
        var keys = new CommandKeys(_template!, _shape!, isLocal: request.Settings.Cluster is null, ResultKeeping.HashOf(request.CacheDependsOn), state.View.Say);
        var cache = ResultKeeping.Open(request.CacheFolder, state.View.Say);
        var cached = ResultKeeping.With(options, cache, settings.Template, keys, _shape!);
        return ResultKeeping.Closing(cache, executor.MapOutcomes<InputItem, ItemReport>(items, work.Run, cached, state.Signal.Kill), keys.SayChanges);
    }

    public override void WriteItem(AppendBuffer output, InputItem item)
    {
        try
        {
            if (item.IsBroken) throw new MalformedItemException(item.Text, null);
            output.Append($"{_template!.Describe(new ItemValues(item, _shape!, slot: 1))}\n");
        }
        catch (MalformedItemException error)
        {
            output.Append(string.Create(CultureInfo.InvariantCulture, $"# item {item.Number} is malformed: {TextFormat.Short(error.Message)}\n"));
        }
    }

    private PlaceholderNames Names(ItemInput input) => input switch
    {
        CsvInput { Form: ItemFormat.Fields } table => PlaceholderNames.OfColumns(table.Name, table.Header),
        { Form: not ItemFormat.Text } => PlaceholderNames.OfJson,
        _ => settings.Separator is null ? PlaceholderNames.OfText : PlaceholderNames.OfNumbers,
    };

    private void Check(ItemInput input)
    {
        if (input is CsvInput { Form: ItemFormat.Fields, Header.Count: > 1 } table && _template!.Placeholders.FirstOrDefault(p => p.Kind == PlaceholderKind.Item) is { } item)
        {
            throw new UsageException(
                $"The command uses the whole item, {item.Text}, but {table.Name} has several columns: {string.Join(", ", table.Header)}. "
                + $"Use {{{table.Header[0]}}} and so on, or choose one with --column.");
        }

        if (request.Settings.Cluster is not null)
        {
            if (_template!.Placeholders.Any(p => p.Kind == PlaceholderKind.Slot))
                throw new UsageException("The placeholder {%} has no meaning with --cluster: each node has slots of its own. Use {#}, the number of the item.");
            return; // the nodes have the programs
        }

        if (_template!.UsesShell && OperatingSystem.IsWindows()) throw new UsageException($"The command has shell syntax, and Windows has no {CommandTemplate.ShellPath}. Name a program with its arguments only.");
        if (_template.Program is not { } program) return;
        try
        {
            ProgramSearch.Find(program);
        }
        catch (CommandStartException error)
        {
            throw new UsageException($"The command cannot be run: {error.Message}.");
        }
    }

    private LocalRun Local(RunState state)
    {
        _lines = settings.WritesLines
            ? new LiveLines(new AppendBuffer("The output", StandardOutput.Open(), 0), state.View.SayBytes, request.WithInput, keeps: settings.ResultsFolder is not null || request.Caches, state.Lose)
            : null;
        return new LocalRun(new SlotNumbers(), new StartGate(settings.Delay, settings.Load, TimeProvider.System, StartGate.ReadLoad), _lines);
    }
}
