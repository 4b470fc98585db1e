namespace Samovar.Diagnostics.Inspection;

/// <summary>A member of a cluster in this process, from the point of view of an observer: what it knows of its cluster, and what an observer may ask the
/// broker for through its connection.</summary>
internal interface IInspectedMember
{
    /// <summary>Whether the member has left its cluster.</summary>
    bool HasLeft { get; }

    /// <summary>Returns what the member knows now. May be called on any thread; sends nothing.</summary>
    MemberActivity CaptureMember();

    /// <summary>Asks the broker how many messages wait. Waits while the connection is interrupted.</summary>
    Task<QueueLengths> ReadQueuesAsync(CancellationToken cancellationToken);

    /// <summary>Asks the broker for dead letters, the oldest first.</summary>
    /// <param name="most">How many at most; at least 1.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<IReadOnlyList<InspectedLetter>> ReadLettersAsync(int most, CancellationToken cancellationToken);

    /// <summary>Puts dead letters back into their task queues, or removes them. Returns how many.</summary>
    /// <param name="ids">Their ids; null for all that there are now.</param>
    /// <param name="isRetry">Whether they are put back.</param>
    /// <param name="cancellationToken">Cancels the call. What was decided before stays decided.</param>
    Task<int> SettleLettersAsync(IReadOnlySet<string>? ids, bool isRetry, CancellationToken cancellationToken);
}
