using System.Globalization;

namespace Samovar.Cli.Cluster;

/// <summary>Runs <c>samovar cluster dead</c>.</summary>
/// <param name="target">The cluster.</param>
/// <param name="output">Where to write.</param>
internal sealed class DeadLetterJob(ClusterTarget target, ClusterOutput output)
{
    private const int ShortestId = 4;

    /// <summary>Lists dead letters, the oldest first.</summary>
    public Task<int> ListAsync(int most, bool isJson, CancellationToken cancellation) => target.WithMonitorAsync(
        async monitor =>
        {
            var items = await ReadAsync(monitor, most, cancellation);
            if (isJson) output.Results.WriteLine(DeadLetterText.Json(items));
            else if (items.Count == 0) output.Results.WriteLine($"{target} has no dead letters.");
            else output.Page(console => DeadLetterText.List(items, console));
            if (items.Count == most) output.Say($"there may be more than the {Count(most)} shown; --most sets the number.");
            return ExitCode.Success;
        },
        cancellation);

    /// <summary>Shows one dead letter.</summary>
    public Task<int> ShowAsync(string id, bool isJson, CancellationToken cancellation) => target.WithMonitorAsync(
        async monitor =>
        {
            var items = await ReadAsync(monitor, int.MaxValue, cancellation);
            string full = Resolve([id], items).Single();
            var item = items.First(item => item.Id == full);
            if (isJson) output.Results.WriteLine(DeadLetterText.Json(item));
            else output.Results.Write(DeadLetterText.Details(item));
            return ExitCode.Success;
        },
        cancellation);

    /// <summary>Puts dead letters back into their task queues, or removes them.</summary>
    /// <param name="ids">Their ids, or unique beginnings of them; null for all.</param>
    /// <param name="action">What to do.</param>
    /// <param name="cancellation">Stops it; what was settled before stays settled.</param>
    public Task<int> SettleAsync(IReadOnlyList<string>? ids, DeadLetterAction action, CancellationToken cancellation) => target.WithMonitorAsync(
        async monitor =>
        {
            var items = await ReadAsync(monitor, int.MaxValue, cancellation);
            HashSet<string>? wanted = ids is null ? null : Resolve(ids, items);
            int settled = 0;
            if (items.Count > 0)
            {
                try
                {
                    // Not more than there were: a node may refuse what was put back, so that it arrives here again.
                    await monitor.ReviewDeadLettersAsync((letter, _) => wanted?.Contains(letter.Id) == false ? DeadLetterAction.Keep : Count(ref settled, action), items.Count, cancellation);
                }
                catch (QueueFullException full)
                {
                    throw new UsageException($"{full.Message} The letter and those after it stay; {Count(settled - 1)} were settled before.", ExitCode.ItemsFailed);
                }
            }

            string what = $"{Count(settled)} dead letter{(settled == 1 ? "" : "s")}";
            output.Results.WriteLine(action == DeadLetterAction.Retry ? $"{what} put back into the task queues." : $"{what} dropped.");
            return ExitCode.Success;
        },
        cancellation);

    private static async Task<List<DeadLetterItem>> ReadAsync(ClusterMonitor monitor, int most, CancellationToken cancellation)
    {
        List<DeadLetterItem> items = [];
        await monitor.ReviewDeadLettersAsync(
            (letter, content) =>
            {
                items.Add(new DeadLetterItem(letter, content));
                return DeadLetterAction.Keep;
            },
            most, cancellation);
        return items;
    }

    private static DeadLetterAction Count(ref int settled, DeadLetterAction action)
    {
        settled++;
        return action;
    }

    private HashSet<string> Resolve(IReadOnlyList<string> ids, IReadOnlyList<DeadLetterItem> items)
    {
        var full = new HashSet<string>(StringComparer.Ordinal);
        foreach (string id in ids)
        {
            string[] fitting = id.Length < ShortestId ? [] : [.. items.Select(static item => item.Id).Where(other => other.StartsWith(id, StringComparison.OrdinalIgnoreCase)).Distinct(StringComparer.Ordinal)];
            full.Add(fitting switch
            {
                [var one] => one,
                [] => throw new UsageException($"{target} has no dead letter '{StatusJob.Printable(id)}'. 'samovar cluster dead list' shows their ids, of which at least {ShortestId} digits are needed."),
                _ => throw new UsageException($"'{id}' fits several dead letters: {string.Join(", ", fitting)}. Use more digits."),
            });
        }

        return full;
    }

    private static string Count(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
