using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Protocol;
using Samovar.Primitives;
using Samovar.Processes.Worker;
using Samovar.Serialization.Wire;
using Samovar.Tasks.Core;

namespace Samovar.Cluster.Worker;

/// <summary>The work of a task of a cluster, as its node sends it to a worker: the node never deserializes the delegate itself. The methods run in the
/// worker; each returns a <see cref="ResultPayload"/>, or nothing if the work succeeded and returns no result.</summary>
/// <param name="owner">Identifies the owner, whose definitions have numbers of their own.</param>
/// <param name="kind">How the delegate is called.</param>
/// <param name="bringsResult">Whether the delegate returns a result.</param>
/// <param name="definitions">The definitions that the bodies need.</param>
/// <param name="body">The delegate.</param>
/// <param name="cultures">The cultures under which the work runs; empty for those of the worker.</param>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class ClusterCall(Guid owner, DelegateKind kind, bool bringsResult, byte[] definitions, byte[] body, byte[] cultures)
{
    /// <summary>The work that the delegate continues; null for none.</summary>
    public SharedBytes? Shared { get; init; }

    /// <summary>Connects the live values of the work; null if it has none.</summary>
    public ClusterLink? Link { get; init; }

    /// <summary>The activity that the work continues; null for none.</summary>
    public ClusterTrace? Trace { get; init; }

    /// <summary>Returns the delegate to send to the worker.</summary>
    public Delegate Delegate => kind switch
    {
        DelegateKind.Synchronous => (Func<byte[]>)Run,
        DelegateKind.SynchronousWithToken => (Func<CancellationToken, byte[]>)Run,
        DelegateKind.Asynchronous => (Func<Task<byte[]>>)RunAsync,
        _ => (Func<CancellationToken, Task<byte[]>>)RunAsync,
    };

    private byte[] Run() => Run(CancellationToken.None);

    private byte[] Run(CancellationToken token)
    {
        Activity? span = null;
        try
        {
            var work = Read();
            span = Trace?.Start(work);
            return ClusterInvoker.For(work.GetType(), kind, bringsResult).Run(work, token);
        }
        catch (Exception error)
        {
            ClusterTrace.Fail(span, error, token);
            return PayloadWriter.OfError(error); // of the work or its result, or because it cannot be read: the outcome of this task
        }
        finally
        {
            ClusterTrace.End(span);
            Link?.End();
        }
    }

    private Task<byte[]> RunAsync() => RunAsync(CancellationToken.None);

    private async Task<byte[]> RunAsync(CancellationToken token)
    {
        Activity? span = null;
        try
        {
            var work = Read();
            span = Trace?.Start(work);
            return await ClusterInvoker.For(work.GetType(), kind, bringsResult).RunAsync(work, span, token).ConfigureAwait(true);
        }
        catch (Exception error)
        {
            ClusterTrace.Fail(span, error, token);
            return PayloadWriter.OfError(error); // of the work or its result, or because it cannot be read: the outcome of this task
        }
        finally
        {
            ClusterTrace.End(span);
            Link?.End();
        }
    }

    private Delegate Read()
    {
        var memory = OwnerMemory.Of(owner);
        memory.Define(definitions);
        object[] known = Shared is null ? [] : memory.ReadShared(Shared);
        if (cultures.Length > 0) memory.Reader.Read<CulturePair>(cultures).Apply(); // in the execution context of this task
        return TaskReading.Read(memory.Reader, body, Link?.Connector, known, KeptObjects.None, out _);
    }
}
