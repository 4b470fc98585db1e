namespace Samovar.Tasks.Core;

/// <content>What the executor has started in addition to its tasks, and ends at its shutdown.</content>
internal abstract partial class ExecutorCore
{
    private HashSet<ExecutorMember>? _members; // guarded by the lock of _delayed; null before the first

    /// <summary>The number of members that have not stopped.</summary>
    public int MemberCount
    {
        get
        {
            lock (_delayed) return _members?.Count ?? 0;
        }
    }

    /// <summary>Adds a member, which ends with the executor at the latest.</summary>
    /// <exception cref="ObjectDisposedException">The executor has been shut down.</exception>
    public void AddMember(ExecutorMember member)
    {
        lock (_delayed) (_members ??= []).Add(member);

        // SYNC: member or closed. The member is added, then the closed bit is read; shutdown sets it and then lists the members.
        if (!Counters.IsClosed) return;
        RemoveMember(member);
        throw new ObjectDisposedException(Name, $"Executor '{Name}' has been shut down and creates no more actors.");
    }

    public void RemoveMember(ExecutorMember member)
    {
        lock (_delayed) _members?.Remove(member);
    }

    /// <summary>Whether a task is one of the executor's own, or a call of one of its actors.</summary>
    public bool Runs(Future task) => ReferenceEquals(task.Core, this) || Array.Exists(ListMembers(), member => member.Runs(task));

    /// <summary>Completes when no task of the executor or of one of its members is incomplete.</summary>
    public async Task DrainAllAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await DrainAsync(cancellationToken).ConfigureAwait(false);
            if (Array.Find(ListMembers(), static member => member.Outstanding != 0) is not { } busy) return;
            await busy.DrainAsync(cancellationToken).ConfigureAwait(false); // its tasks may have submitted tasks to the executor
        }
    }

    private ExecutorMember[] ListMembers()
    {
        lock (_delayed) return _members is null ? [] : [.. _members];
    }

    private Task EndMembersAsync(ShutdownMode mode, TimeSpan grace)
    {
        var members = ListMembers(); // SYNC: member or closed
        return members.Length == 0 ? Task.CompletedTask : Task.WhenAll(Array.ConvertAll(members, member => member.EndAsync(mode, grace)));
    }
}
