using System.Numerics;

namespace Samovar.Tasks.Core;

/// <summary>The resources of one attempt of a task: requested, then held, then returned. Guarded by the ledger's gate.</summary>
/// <remarks>
/// <list type="number">
/// <item>It is held from the moment when all its resources are free until the attempt completes, with any outcome. For an executor with workers in other
/// processes, an attempt that was stopped by force ends when its process has exited.</item>
/// <item>An attempt that was abandoned on a thread returns its resources when its code returns: until then the code may use them.</item>
/// </list>
/// </remarks>
internal sealed class ResourceGrant(ResourceLedger ledger, Future task, ResourceRequest request)
{
    /// <summary>The states, in order; none is left twice.</summary>
    public enum Phase
    {
        /// <summary>The request waits in its line.</summary>
        Waiting,

        /// <summary>The attempt has the resources.</summary>
        Held,

        /// <summary>The attempt has completed.</summary>
        Returned,
    }

    private int _phase;
    private ResourceSource? _source;
    private bool _isInCode;
    private bool _isWithdrawn;
    private bool _isAbandoned;
    private IReadOnlyDictionary<string, GrantedResource>? _resources;

    public ResourceLedger Ledger => ledger;

    public Future Task => task;

    public ResourceRequest Request => request;

    /// <summary>The position among all requests of the executor.</summary>
    public long Number { get; set; }

    /// <summary>Where the resources are; null until they are granted. Volatile: read by the thread that sends the task.</summary>
    public ResourceSource? Source
    {
        get => Volatile.Read(ref _source); // SYNC: resource source
        set => Volatile.Write(ref _source, value); // SYNC: resource source
    }

    /// <summary>When they were granted, as a timestamp of the clock of the ledger.</summary>
    public long GrantedAt { get; set; }

    /// <summary>Whether the request was withdrawn before it was granted. Written before <see cref="CurrentPhase"/>.</summary>
    public bool IsWithdrawn
    {
        set => Volatile.Write(ref _isWithdrawn, value);
    }

    public ResourceGrant? Previous { get; set; }

    public ResourceGrant? Next { get; set; }

    /// <summary>For each part of the request, its units and the unit that is shared.</summary>
    public (ulong Units, int Shared)[] Units { get; } = new (ulong, int)[request.Parts.Length];

    public Phase CurrentPhase
    {
        get => (Phase)Volatile.Read(ref _phase);
        set => Volatile.Write(ref _phase, (int)value);
    }

    /// <summary>Whether code that was abandoned may still use the resources.</summary>
    public bool IsInAbandonedCode => Volatile.Read(ref _isAbandoned) && Volatile.Read(ref _isInCode);

    /// <summary>What the task has, by name. Valid while the task runs.</summary>
    public IReadOnlyDictionary<string, GrantedResource> Resources => Volatile.Read(ref _resources) ?? CreateResources();

    /// <summary>Whether this request is granted before another one that waits.</summary>
    public bool Comes(ResourceGrant before)
    {
        var (own, other) = (task.Options.Priority, before.Task.Options.Priority);
        return own > other || (own == other && Number < before.Number);
    }

    /// <summary>Describes a part of a grant.</summary>
    /// <param name="amount">The amount in ten-thousandths.</param>
    /// <param name="units">The units, one bit each.</param>
    public static GrantedResource Describe(long amount, ulong units)
    {
        List<int> indexes = [];
        for (; units != 0; units &= units - 1) indexes.Add(BitOperations.TrailingZeroCount(units));
        return new GrantedResource(ResourceAmounts.AmountOf(amount), indexes);
    }

    /// <summary>Returns the resources, or leaves the line: the attempt has completed. If its code was abandoned, they are returned when the code
    /// returns.</summary>
    public void EndAttempt() => ledger.End(this, hasReturned: false);

    /// <summary>Queues the task once if its request was withdrawn. Called when the task has completed.</summary>
    public void Drop()
    {
        if (Interlocked.Exchange(ref _isWithdrawn, false)) ResourceLedger.Drop(this);
    }

    /// <summary>Called before an attempt that still runs is ended from outside.</summary>
    public void Abandon()
    {
        // SYNC: abandoned or returned. The mark is set, then it is read whether the code still runs.
        Volatile.Write(ref _isAbandoned, true);
        Interlocked.MemoryBarrier();
    }

    /// <summary>Runs the synchronous part of a task's code in this process, like <see cref="Future.Begin"/>, and follows the code until it has
    /// completed.</summary>
    public static Task? BeginCode(Future task, int attempt)
    {
        if (task.Controls?.Grant is not { } grant) return task.Begin(attempt);
        Volatile.Write(ref grant._isInCode, true);
        var rest = task.Begin(attempt);
        if (rest is null or { IsCompleted: true }) grant.LeaveCode();
        else _ = rest.ContinueWith(static (_, grant) => ((ResourceGrant)grant!).LeaveCode(), grant, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return rest;
    }

    private void LeaveCode()
    {
        // SYNC: abandoned or returned. The code has returned, then the mark is read.
        Volatile.Write(ref _isInCode, false);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isAbandoned)) ledger.End(this, hasReturned: true);
    }

    private Dictionary<string, GrantedResource> CreateResources()
    {
        var resources = new Dictionary<string, GrantedResource>(StringComparer.Ordinal);
        for (int i = 0; i < request.Parts.Length; i++)
        {
            var (place, amount) = request.Parts[i];
            resources[ledger.NameOf(place)] = Describe(amount, Units[i].Units);
        }

        Volatile.Write(ref _resources, resources);
        return resources;
    }
}
