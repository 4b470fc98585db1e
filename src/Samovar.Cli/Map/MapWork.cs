using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Outputs;
using Samovar.Cli.Map.Progress;
using Samovar.Cli.Map.Running;

namespace Samovar.Cli.Map;

/// <summary>What a run does with each item: it calls a method, or runs a command.</summary>
internal abstract class MapWork
{
    /// <summary>The target for the job log.</summary>
    public abstract string Target { get; }

    /// <summary>The display name, and the method for the job log.</summary>
    public abstract string Title { get; }

    /// <summary>Opens the input that the request names.</summary>
    /// <exception cref="UsageException">It cannot be opened, or does not fit the work.</exception>
    public abstract ItemInput OpenInput(Action<string> say);

    /// <summary>Creates the formatter for the results.</summary>
    /// <param name="file">The output.</param>
    /// <param name="path">The path of the output; null for standard output.</param>
    /// <param name="format">The format.</param>
    public abstract ResultFormatter CreateFormatter(AppendBuffer file, string? path, ResultFormat format);

    /// <summary>Creates the executor that runs the items.</summary>
    public abstract Executor CreateExecutor(ProgressView view);

    /// <summary>Maps the items. Nothing runs before the results are enumerated.</summary>
    public abstract IAsyncEnumerable<Outcome<InputItem, ItemReport>> Map(
        Executor executor, IAsyncEnumerable<InputItem> items, MapOptions options, RunState state);

    /// <summary>Writes what --dry-run prints before the items.</summary>
    public virtual void WriteHead(AppendBuffer output, ItemInput input)
    {
    }

    /// <summary>Writes what --dry-run prints for an item.</summary>
    public abstract void WriteItem(AppendBuffer output, InputItem item);
}

/// <summary>What the work of a run needs from it.</summary>
/// <param name="Input">The input.</param>
/// <param name="Format">The format of the results.</param>
/// <param name="Counters">Receives notes about slow items.</param>
/// <param name="Signal">Stops the run.</param>
/// <param name="View">Shows messages.</param>
internal sealed record RunState(ItemInput Input, ResultFormat Format, ProgressCounters Counters, StopSignal Signal, ProgressView View)
{
    private OutputLostException? _lost;

    /// <summary>Gets why the output was lost while items ran; null if it was not.</summary>
    public OutputLostException? Lost => Volatile.Read(ref _lost);

    /// <summary>Records that the output cannot be written, and stops the run.</summary>
    public void Lose(OutputLostException error)
    {
        Volatile.Write(ref _lost, error);
        Signal.RequestKill();
    }
}
