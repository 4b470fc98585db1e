using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Processes.Protocol;
using Samovar.Serialization;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent;

/// <summary>The message that each worker of a pool gets before its first task: its limits, its name, the cultures, the exit hook and the initializer.
/// Immutable.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class SetupMessage : IDisposable
{
    private readonly string _executor;
    private readonly long _memoryLimit;
    private readonly PackedRecord _cultures;
    private readonly byte[]? _initializer;
    private readonly byte[] _exitHook = [];
    private readonly InFlightHandles _initializerKept = new(); // shared objects that the initializer and the exit hook hold, for workers that are started later

    /// <exception cref="UnshippableException">The initializer or the exit hook cannot be serialized.</exception>
    public SetupMessage(string executor, ProcessExecutorOptions options, ShippingWriter writer, SentCultures cultures, PackedRecord warmUp)
    {
        _executor = executor;
        _memoryLimit = options.MemoryLimitPerWorker ?? 0;
        _cultures = options.InProcess ? SentCultures.Nothing : cultures.Setup; // a thread of this process has the cultures already
        WarmUp = warmUp;
        DefinitionsNeeded = _cultures.DefinitionsNeeded;
        if (options.Initializer is { } initializer) _initializer = Pack(writer, (Action)ShippableWork.Exact<Action>(initializer));
        if (options.ExitHook is { } exitHook) _exitHook = Pack(writer, (Func<object?>)ShippableWork.Exact<Func<object?>>(exitHook));
    }

    /// <summary>A task that does nothing, for a worker that is idle after its start: it loads the code that each task needs.</summary>
    public PackedRecord WarmUp { get; }

    public int DefinitionsNeeded { get; private set; }

    public bool HasInitializer => _initializer is not null;

    /// <summary>Returns the record for a worker: a <see cref="WorkerSetup"/>, the executor's name, the invitation to record tasks, the cultures, the
    /// exit hook, the initializer.</summary>
    public byte[] RecordFor(WorkerHandle worker)
    {
        string recording = worker.Recording?.ToString() ?? "";
        var setup = new WorkerSetup(
            _memoryLimit, worker.Number, _executor.Length, _cultures.Record.Length, DefinitionsNeeded, _initializer is null ? 0 : 1, recording.Length,
            _exitHook.Length);
        return
        [
            .. RecordHeaders.BytesOf(in setup), .. MemoryMarshal.AsBytes(_executor.AsSpan()), .. MemoryMarshal.AsBytes(recording.AsSpan()),
            .. _cultures.Record, .. _exitHook, .. _initializer ?? [],
        ];
    }

    public void Dispose() => _initializerKept.Dispose();

    private byte[] Pack<TDelegate>(ShippingWriter writer, TDelegate work)
        where TDelegate : Delegate
    {
        using var body = writer.Prepare(work, _initializerKept);
        DefinitionsNeeded = Math.Max(body.DefinitionsNeeded, DefinitionsNeeded);
        return body.ToArray();
    }
}
