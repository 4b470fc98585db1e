using Samovar.Ipc;

namespace Samovar.Tests.Ipc.Queues;

/// <summary>Histories of many producers and consumers in one process, whose items lie in one ring: there the queue is first in, first out,
/// and each history must be that of some order of single operations.</summary>
public sealed class QueueHistoryTests
{
    [ThreadTheory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(4, false)]
    [InlineData(64, false)]
    [InlineData(2, true)]
    public async Task A_history_under_many_producers_and_consumers_is_linearizable(int capacity, bool shipped)
    {
        const int threads = 4;
        const int each = 2_000;
        using var raw = new ProcessQueue<int>(capacity);
        using var texts = new ProcessQueue<string>(capacity);
        long clock = 0;
        var put = new (long Began, long Ended)[threads * each];
        var taken = new (long Began, long Ended)[threads * each];
        int left = threads * each;
        var work = new List<Task>();
        for (int t = 0; t < threads; t++)
        {
            int producer = t;
            work.Add(TestSupport.OnOwnThread(() =>
            {
                for (int i = 0; i < each; i++)
                {
                    int item = (producer * each) + i;
                    long began = Interlocked.Increment(ref clock);
                    if (shipped) texts.Put($"{item}");
                    else raw.Put(item);
                    put[item] = (began, Interlocked.Increment(ref clock));
                }
            }));
            work.Add(TestSupport.OnOwnThread(() =>
            {
                while (Interlocked.Decrement(ref left) >= 0)
                {
                    long began = Interlocked.Increment(ref clock);
                    int item = shipped ? int.Parse(texts.Take(), System.Globalization.CultureInfo.InvariantCulture) : raw.Take();
                    taken[item].Began.ShouldBe(0, "taken twice");
                    taken[item] = (began, Interlocked.Increment(ref clock));
                }
            }));
        }

        await Task.WhenAll(work).WaitAsync(TestTimeout.Wait);
        taken.ShouldAllBe(static t => t.Began > 0);

        // For a queue of distinct items, all taken, a history is linearizable exactly if (Henzinger, Sezgin, Vafeiadis 2013): nothing is taken before
        // it is put, and no item put wholly before another is taken wholly after it. The first is a glance; the second goes by the ends of puts.
        for (int i = 0; i < put.Length; i++) taken[i].Ended.ShouldBeGreaterThan(put[i].Began);
        int[] byEnd = [.. Enumerable.Range(0, put.Length).OrderBy(i => put[i].Ended)];
        int[] byBegin = [.. Enumerable.Range(0, put.Length).OrderBy(i => put[i].Began)];
        long latestTake = 0; // the latest beginning of a take among items whose put has ended
        int next = 0;
        foreach (int item in byBegin)
        {
            for (; next < byEnd.Length && put[byEnd[next]].Ended < put[item].Began; next++)
                latestTake = Math.Max(latestTake, taken[byEnd[next]].Began);
            latestTake.ShouldBeLessThan(taken[item].Ended, $"item {item} overtook another");
        }
    }
}
