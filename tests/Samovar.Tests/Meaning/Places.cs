using System.Runtime.Versioning;
using Samovar.Ipc.Platform;

namespace Samovar.Tests.Meaning;

/// <summary>Where the one program runs: an executor of each kind, shared by the whole suite. The workers are up.</summary>
[SupportedOSPlatform("linux")]
public sealed class Places : IAsyncLifetime
{
    private readonly List<Place> _all = [];

    /// <summary>The first is the one that the others are to equal.</summary>
    internal IReadOnlyList<Place> All => _all;

    public async ValueTask InitializeAsync()
    {
        Environment.SetEnvironmentVariable(SurroundingQuestions.Variable, "from the start");
        Add("threads", Column.Threads, new ThreadExecutor(new() { Workers = 1 }));
        Add("inline", Column.Threads, new InlineExecutor());
        Add("a loop", Column.Threads, new EventLoop());
        Add("in process", Column.InProcess, new ProcessExecutor(Options with { InProcess = true }));
        Add("native processes", Column.Processes, new ProcessExecutor(Options with { Channel = ChannelKind.Linux }));
        Add("portable processes", Column.Processes, new ProcessExecutor(Options with { Channel = ChannelKind.Portable }));
        await Task.WhenAll(_all.Select(static place => place.Executor.Submit(static () => { }).AsTask()));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var place in _all) await place.Executor.DisposeAsync();
        Environment.SetEnvironmentVariable(SurroundingQuestions.Variable, null);
    }

    /// <summary>One worker, so that a task meets what the one before has left.</summary>
    private static ProcessExecutorOptions Options => new() { Workers = 1, Output = WorkerOutput.Discard };

    private void Add(string name, Column column, Executor executor) => _all.Add(new Place(name, column, executor));
}

/// <summary>One kind of executor.</summary>
internal sealed record Place(string Name, Column Column, Executor Executor);

/// <summary>The columns of the table in docs/reference/what-differs.md, after the first.</summary>
internal enum Column
{
    Threads,
    InProcess,
    Processes,
}
