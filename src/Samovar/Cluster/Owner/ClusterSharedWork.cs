using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Samovar.Cluster.Protocol;
using Samovar.Serialization.Wire;
using Samovar.Tasks.Core;

namespace Samovar.Cluster.Owner;

/// <summary>A serialized delegate that many tasks call. It travels once in each message of such tasks, or is a blob if it is long; each worker reads it
/// once. Thread-safe.</summary>
internal sealed class ClusterSharedWork : ExecutorSharedWork
{
    private readonly Lock _gate = new();
    private readonly OwnerBlobs? _blobs;
    private readonly ExceptionDispatchInfo? _refusal;
    private SharedBody _body;
    private Task? _storing; // gate
    private int _users = 1; // Interlocked: the tasks, and the map until it creates no more

    public ClusterSharedWork(OwnerBlobs blobs, SharedBody body, int definitionsNeeded, IdentityTable known)
    {
        _blobs = blobs;
        _body = body;
        DefinitionsNeeded = definitionsNeeded;
        Known = known;
        IsLong = body.Body.Length > PayloadLimits.InlineShared;
    }

    /// <summary>Initializes work that cannot be serialized: each task that uses it fails with this error.</summary>
    public ClusterSharedWork(Exception refusal)
    {
        _body = new SharedBody(0, RefersToAll: false, default);
        _refusal = ExceptionDispatchInfo.Capture(refusal);
    }

    public SharedBody Body => Volatile.Read(ref _body);

    public int DefinitionsNeeded { get; }

    /// <summary>The objects to which the messages of the tasks refer.</summary>
    public IdentityTable? Known { get; }

    /// <summary>Whether a message can have the work, or refer to it.</summary>
    public bool IsReady => !IsLong || Body.Blob is not null;

    private bool IsLong { get; }

    public override void ThrowIfRefused() => _refusal?.Throw();

    /// <summary>Stores long work as a blob, once. A call after a failure tries again.</summary>
    public Task StoreAsync()
    {
        lock (_gate) return IsReady ? Task.CompletedTask : _storing ??= PutAsync();
    }

    /// <summary>Records that a task uses the work, until <see cref="Release"/>.</summary>
    public void AddUser() => Interlocked.Increment(ref _users);

    public override void Release()
    {
        // SYNC: shared work released or stored. The user is removed, then the body is read.
        if (Interlocked.Decrement(ref _users) == 0 && Body.Blob is { } blob) _blobs!.Delete(blob);
    }

    private async Task PutAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // the caller holds the gate
        try
        {
            var body = Body;
            var blob = await _blobs!.PutAsync("shared", body.Body).ConfigureAwait(false);

            // SYNC: shared work released or stored. The body is published, then the users are read.
            Interlocked.Exchange(ref _body, body with { Body = default, Blob = blob });
            if (Volatile.Read(ref _users) == 0) _blobs.Delete(blob);
        }
        finally
        {
            lock (_gate)
            {
                _storing = null;
                CheckInvariantsLocked();
            }
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked() => Debug.Assert(Body.Blob is null || Body.Body.IsEmpty, "work that is a blob is not kept in memory");
}
