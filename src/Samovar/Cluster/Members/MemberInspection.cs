using Samovar.Cluster.Protocol;
using Samovar.Diagnostics.Inspection;

namespace Samovar.Cluster.Members;

/// <summary>A member from the point of view of an observer of its process. Asks the broker one thing at a time, whatever the number of observers.
/// Thread-safe.</summary>
/// <param name="role">The role of the member.</param>
/// <param name="monitor">What an operator sees of it.</param>
/// <param name="seal">Verifies dead letters.</param>
internal abstract class MemberInspection(MemberRole role, MemberMonitor monitor, EnvelopeSeal seal) : IInspectedMember
{
    private const int MostTasks = 20;

    /// <summary>How long numbers of messages are not read again.</summary>
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);

    private readonly AsyncLock _turn = new();
    private QueueLengths? _queues; // turn
    private long _readAt; // turn

    public abstract bool HasLeft { get; }

    /// <summary>The clock for the age of what was read.</summary>
    protected abstract TimeProvider Time { get; }

    public MemberActivity CaptureMember()
    {
        var connection = monitor.Connection;
        return Complete(new MemberActivity(role == MemberRole.Node ? "node" : "executor", monitor.Name, monitor.Cluster, NameOf(connection.State))
        {
            Error = connection.Error,
            Interruptions = connection.Interruptions,
            Broker = connection.Broker?.Product,
            Endpoint = monitor.Endpoint,
            Limitations = connection.Broker?.Limitations ?? [],
            Refused = monitor.RefusedMessages,
        });
    }

    public Task<QueueLengths> ReadQueuesAsync(CancellationToken cancellationToken) => InTurnAsync(
        async connection =>
        {
            if (_queues is { } known && Time.GetElapsedTime(_readAt) < s_fresh) return known;
            var depth = await connection.GetQueueDepthAsync(cancellationToken).ConfigureAwait(false);
            _readAt = Time.GetTimestamp();
            return _queues = new QueueLengths(depth.High, depth.Normal, depth.Low, depth.Dead);
        },
        cancellationToken);

    public Task<IReadOnlyList<InspectedLetter>> ReadLettersAsync(int most, CancellationToken cancellationToken) => InTurnAsync<IReadOnlyList<InspectedLetter>>(
        async connection =>
        {
            List<InspectedLetter> letters = [];
            await connection.ReviewDeadLettersAsync(
                letter =>
                {
                    letters.Add(Describe(letter));
                    return DeadLetterAction.Keep;
                },
                most, cancellationToken).ConfigureAwait(false);
            return letters;
        },
        cancellationToken);

    public Task<int> SettleLettersAsync(IReadOnlySet<string>? ids, bool isRetry, CancellationToken cancellationToken) => InTurnAsync(
        async connection =>
        {
            // Not more than there are now: a node may refuse what was put back, so that it arrives here again.
            long most = (await connection.GetQueueDepthAsync(cancellationToken).ConfigureAwait(false)).Dead;
            int settled = 0;
            if (most > 0)
            {
                await connection.ReviewDeadLettersAsync(
                    letter =>
                    {
                        if (ids?.Contains(letter.Id) == false) return DeadLetterAction.Keep;
                        settled++;
                        return isRetry ? DeadLetterAction.Retry : DeadLetterAction.Drop;
                    },
                    (int)Math.Min(most, int.MaxValue), cancellationToken).ConfigureAwait(false);
            }

            _queues = null;
            return settled;
        },
        cancellationToken);

    /// <summary>Adds what only a member of this role knows.</summary>
    protected abstract MemberActivity Complete(MemberActivity activity);

    /// <summary>Returns the connection, once there is one.</summary>
    protected abstract Task<ClusterConnection> ConnectAsync(CancellationToken cancellationToken);

    private static string NameOf(ClusterConnectionState? state) => state switch
    {
        null => "connecting",
        ClusterConnectionState.Connected => "connected",
        ClusterConnectionState.Blocked => "blocked",
        ClusterConnectionState.Interrupted => "interrupted",
        _ => "closed",
    };

    private async Task<T> InTurnAsync<T>(Func<ClusterConnection, Task<T>> ask, CancellationToken cancellationToken)
    {
        using (await _turn.EnterAsync(cancellationToken).ConfigureAwait(false))
            return await ask(await ConnectAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private InspectedLetter Describe(ClusterDeadLetter letter)
    {
        var content = ClusterMessageContent.Read(letter.Body, seal);
        return new InspectedLetter(letter.Id, letter.Priority.ToString().ToLowerInvariant(), letter.Reason, letter.Body.Length)
        {
            Time = letter.Time,
            Member = letter.Member,
            Deliveries = letter.Deliveries,
            Problem = content.Problem,
            Build = content.Build,
            Tasks = content.Tasks.Count,
            FirstTasks = [.. content.Tasks.Take(MostTasks).Select(static task => $"{task.Id}{(task.Name is null ? "" : $" {task.Name}")}, attempt {task.Attempt}")],
        };
    }
}
