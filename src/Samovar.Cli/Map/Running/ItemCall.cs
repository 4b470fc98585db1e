using System.Diagnostics;
using System.Reflection;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Methods;
using Samovar.Cli.Map.Targets;
using Samovar.Primitives;

namespace Samovar.Cli.Map.Running;

/// <summary>Calls the method for an item, in a worker or in the tool's process. It is serialized with each batch, and loads the target again where it
/// arrives.</summary>
internal sealed class ItemCall : INamedWork
{
    /// <summary>The folder of the target on a node of a cluster, in the folder of the tool's copy there.</summary>
    public const string TargetFolder = "target";

    private static volatile LoadedCall? s_call; // for the process's only map

    private readonly string _assemblyPath;
    private readonly Guid _build;
    private readonly int _method;
    private readonly ItemFormat _items;
    private readonly ResultForm _results;

    public ItemCall(Target target, MethodRoles method, ItemFormat items, ResultForm results)
    {
        _assemblyPath = target.AssemblyPath;
        _build = method.Method.Module.ModuleVersionId;
        _method = method.Method.MetadataToken;
        WorkName = MethodNames.Of(method.Method);
        _items = items;
        _results = results;
    }

    /// <summary>The user's method, by which <c>samovar top</c> and post-mortems know the items.</summary>
    public string WorkName { get; }

    /// <summary>The tool's current directory, if the target travels with the tool to the nodes of a cluster: relative paths mean the same there if the
    /// node has that directory. Null on this machine.</summary>
    public string? Directory { get; init; }

    /// <summary>Receives notes about slow items.</summary>
    public IProgress<ItemNote>? Notes { get; init; }

    /// <summary>When cancelled, items that have not started do not start.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Whether a failure is thrown as an exception, as the map's retries require.</summary>
    public bool ThrowsFailures { get; init; }

    /// <summary>Gets whether the method returns an awaitable.</summary>
    public bool IsAsynchronous => Call().IsAsynchronous;

    public ItemReport Run(InputItem item)
    {
        if (Stop.IsCancellationRequested) return NotBegun;
        ItemWatch watch = ItemWatch.OfThread;
        long started = Stopwatch.GetTimestamp();
        int worker = ItemWatch.CurrentWorker;
        watch.Begin(item, started, worker, Notes);
        try
        {
            string? text = Call().Run(Whole(item), watch);
            return new ItemReport(ItemStatus.Succeeded, text, started, Since(started), worker, Attempt);
        }
        catch (Exception error) when (!IsAskedFor(error))
        {
            return Failed(error, started, worker);
        }
        finally
        {
            watch.End();
        }
    }

    public async Task<ItemReport> RunAsync(InputItem item)
    {
        if (Stop.IsCancellationRequested) return NotBegun;
        ItemWatch watch = ItemWatch.Enter();
        long started = Stopwatch.GetTimestamp();
        int worker = ItemWatch.CurrentWorker;
        watch.Begin(item, started, worker, Notes);
        try
        {
            string? text = await WithoutContext(Call(), Whole(item), watch);
            return new ItemReport(ItemStatus.Succeeded, text, started, Since(started), worker, Attempt);
        }
        catch (Exception error) when (!IsAskedFor(error))
        {
            return Failed(error, started, worker);
        }
        finally
        {
            watch.End();
            watch.Leave();
        }
    }

    // Without a synchronization context, as in the target's own program: if the method blocks on a task, that task's continuation must not need
    // this thread. Only the report is made in this context.
    private static Task<string?> WithoutContext(TargetCall call, string text, ItemWatch watch)
    {
        SynchronizationContext? here = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return call.RunAsync(text, watch);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(here);
        }
    }

    private static ItemReport NotBegun => new(ItemStatus.NotBegun, null, 0, 0, 0, 0);

    private int Attempt => ThrowsFailures ? TaskContext.Current?.Attempt ?? 1 : 1;

    // A cancelled or timed-out task must complete as such, not as a failed item.
    private static bool IsAskedFor(Exception error) =>
        error is OperationCanceledException && TaskContext.Current?.CancellationToken.IsCancellationRequested == true;

    private static string Whole(InputItem item) => item.IsBroken ? throw new MalformedItemException(item.Text, null) : item.Text;

    private static long Since(long started) => Stopwatch.GetTimestamp() - started;

    private ItemReport Failed(Exception error, long started, int worker)
    {
        long took = Since(started);
        Exception cause = error is TargetInvocationException { InnerException: { } inner } ? inner : error;
        var report = new ItemReport(
            cause is MalformedItemException ? ItemStatus.Malformed : ItemStatus.Failed, ErrorTexts.Whole(cause), started, took, worker, Attempt,
            cause.GetType().FullName, cause.ToString());
        return ThrowsFailures ? throw new ItemFailedException(report) : report;
    }

    private TargetCall Call()
    {
        if (s_call is { } loaded && loaded.Build == _build && loaded.Method == _method && loaded.Items == _items && loaded.Results == _results)
            return loaded.Call;
        string path = _assemblyPath;
        if (ProcessWorker.IsWorker)
        {
            if (Directory is not null)
            {
                path = Path.Combine(Path.GetDirectoryName(typeof(ItemCall).Assembly.Location)!, TargetFolder, Path.GetFileName(_assemblyPath));
                if (System.IO.Directory.Exists(Directory)) Environment.CurrentDirectory = Directory;
            }

            TargetContext.Enter(path);
        }

        Module module = TargetContext.Load(path).ManifestModule;
        if (module.ModuleVersionId != _build)
            throw new InvalidOperationException($"{path} was rebuilt while the map was running. Start the map again.");
        var roles = MethodRoles.Of((MethodInfo)module.ResolveMethod(_method)!);
        TargetCall call = TargetCalls.Create(roles, _items, _results);
        s_call = new LoadedCall(_build, _method, _items, _results, call);
        return call;
    }

    private sealed record LoadedCall(Guid Build, int Method, ItemFormat Items, ResultForm Results, TargetCall Call);
}
