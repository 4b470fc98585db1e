using System.Globalization;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Methods;
using Samovar.Cli.Map.Outputs;
using Samovar.Cli.Map.Progress;
using Samovar.Cli.Map.Running;
using Samovar.Cli.Map.Targets;

namespace Samovar.Cli.Map;

/// <summary>Calls a method of a target.</summary>
internal sealed class MethodWork : MapWork
{
    private readonly MapRequest _request;
    private readonly Target _target;
    private readonly MethodRoles _method;

    private MethodWork(MapRequest request, Target target, MethodRoles method)
    {
        _request = request;
        _target = target;
        _method = method;
    }

    public override string Target => _request.Target;

    public override string Title => _method.ToString();

    /// <summary>Finds the method, and builds the target if necessary.</summary>
    /// <exception cref="UsageException">There is no such target or method, or it cannot be mapped.</exception>
    public static async Task<MethodWork> FindAsync(MapRequest request, Action<string> say, Action<string> waits)
    {
        Target target = await TargetFinder.FindAsync(request.Target, request.Framework, say, waits, CancellationToken.None);
        MethodRoles method = MethodFinder.Find(target, request.Method);
        if (method.Result is { } result && ResultTypes.WhyNot(result) is { } why)
        {
            throw new UsageException(
                $"The result of {method} cannot be written: {why}. Return text, a number, or a record with the values you need.");
        }

        return new MethodWork(request, target, method);
    }

    public override ItemInput OpenInput(Action<string> say) => InputChoice.Make(_request, _method.Item!.ParameterType, say);

    public override ResultFormatter CreateFormatter(AppendBuffer file, string? path, ResultFormat format)
    {
        if (format is not (ResultFormat.Csv or ResultFormat.Tsv)) return ResultFormatter.Create(format, file, _request.WithInput, columns: null);
        char separator = format == ResultFormat.Tsv ? CsvResults.Tab : CsvResults.Comma;
        IReadOnlyList<string>? columns = (_method.Result is null ? null : ResultTypes.Columns(_method.Result))
            ?? CsvResults.ColumnsOf(path, _request.WithInput, separator);
        return ResultFormatter.Create(format, file, _request.WithInput, columns);
    }

    public override Executor CreateExecutor(ProgressView view)
    {
        if (_request.Settings.Engine != Engine.Processes)
        {
            Console.SetOut(Console.Error); // only results go to standard output
            TargetContext.Enter(_target.AssemblyPath);
        }

        return _request.Settings.CreateExecutor(_target, new WorkerLinePrinter(view.Say, _request.Verbose).Take);
    }

    public override IAsyncEnumerable<Outcome<InputItem, ItemReport>> Map(Executor executor, IAsyncEnumerable<InputItem> items, MapOptions options, RunState state)
    {
        var work = new ItemCall(_target, _method, state.Input.Form, state.Format == ResultFormat.Text ? ResultForm.Text : ResultForm.Json)
        {
            Notes = state.Counters,
            Stop = state.Signal.Stop,
            ThrowsFailures = _request.Settings.Retries > 0,
            Directory = _request.Settings.Cluster is null ? null : Environment.CurrentDirectory,
        };

        return _request.Caches ? Cached(executor, items, options, state, work) : Map(executor, items, options, state, work);
    }

    // Asynchronous items are sent one by one; only synchronous items share a batch.
    private static IAsyncEnumerable<Outcome<InputItem, ItemReport>> Map(
        Executor executor, IAsyncEnumerable<InputItem> items, MapOptions options, RunState state, ItemCall work) => work.IsAsynchronous
            ? executor.MapOutcomes<InputItem, ItemReport>(items, work.RunAsync, options, state.Signal.Kill)
            : executor.MapOutcomes<InputItem, ItemReport>(items, work.Run, options, state.Signal.Kill);

    private IAsyncEnumerable<Outcome<InputItem, ItemReport>> Cached(
        Executor executor, IAsyncEnumerable<InputItem> items, MapOptions options, RunState state, ItemCall work)
    {
        var cache = ResultKeeping.Open(_request.CacheFolder, state.View.Say);
        var form = state.Format == ResultFormat.Text ? ResultForm.Text : ResultForm.Json;
        var cached = ResultKeeping.With(options, cache, _method, state.Input.Form, form, areFiles: _request.Files.Count > 0, ResultKeeping.HashOf(_request.CacheDependsOn));
        return ResultKeeping.Closing(cache, Map(executor, items, cached, state, work));
    }

    public override void WriteHead(AppendBuffer output, ItemInput input)
    {
        output.Append($"{_method}\n");
        output.Append(_request.Settings.Cluster is { } cluster
            ? $"over {input.Name}, by {cluster}:\n"
            : string.Create(CultureInfo.InvariantCulture, $"over {input.Name}, by {_request.Settings.Workers} {_request.Settings.Engine.ToString().ToLowerInvariant()}:\n"));
    }

    public override void WriteItem(AppendBuffer output, InputItem item) => output.Append(string.Create(CultureInfo.InvariantCulture, $"{item.Number}\t{item.Text}\n"));
}
