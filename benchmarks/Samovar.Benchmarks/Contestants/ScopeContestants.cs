using System.Diagnostics;

namespace Samovar.Benchmarks.Contestants;

/// <summary>Seconds from the cancellation of the outermost of X nested blocks to its completion, without entering them.</summary>
internal static class ScopeContestants
{
    public static IEnumerable<KeyValuePair<string, Contestant>> All =>
    [
        new("curve scopes Samovar scopes", static request => OnLoopAsync(() => ScopesAsync((int)request.X))),
        new("curve scopes Samovar groups", static request => OnLoopAsync(() => GroupsAsync((int)request.X))),
        new("curve scopes .NET linked sources", LinkedAsync),
    ];

    private static async IAsyncEnumerable<double> OnLoopAsync(Func<Task<double>> figure)
    {
        await Task.CompletedTask;
        while (true) yield return EventLoop.Run(figure);
    }

    private static async IAsyncEnumerable<double> LinkedAsync(Request request)
    {
        while (true)
        {
            int levels = (int)request.X;
            yield return await Task.Run(() => SourcesAsync(levels));
        }
    }

    private static async Task<double> ScopesAsync(int levels)
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        CancelScope? outermost = null;
        Task<bool> block = CancelScope.RunAsync(async scope =>
        {
            outermost = scope;
            await NestAsync(levels - 1);
        });
        await entered.Task;
        long began = Stopwatch.GetTimestamp();
        outermost!.Cancel();
        if (await block) throw new InvalidOperationException("The cancelled scope reports that it was not cancelled.");
        return Stopwatch.GetElapsedTime(began).TotalSeconds;

        async Task NestAsync(int left)
        {
            await Task.Yield(); // avoids recursion on entry
            if (left > 0)
            {
                await CancelScope.RunAsync(_ => NestAsync(left - 1));
                return;
            }

            entered.SetResult();
            await EventLoop.SleepAsync(TimeSpan.FromHours(1));
        }
    }

    private static async Task<double> GroupsAsync(int levels)
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskGroup? outermost = null;
        Task block = TaskGroup.RunAsync(group =>
        {
            outermost = group;
            group.Run(() => NestAsync(levels - 1));
        });
        await entered.Task;
        long began = Stopwatch.GetTimestamp();
        outermost!.Cancel();
        await block;
        return Stopwatch.GetElapsedTime(began).TotalSeconds;

        async Task NestAsync(int left)
        {
            if (left > 0)
            {
                await TaskGroup.RunAsync(group => { group.Run(() => NestAsync(left - 1)); });
                return;
            }

            entered.SetResult();
            await EventLoop.SleepAsync(TimeSpan.FromHours(1));
        }
    }

    // The equivalent without scopes: a linked source at each level.
    private static async Task<double> SourcesAsync(int levels)
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var outermost = new CancellationTokenSource();
        Task block = NestAsync(levels, outermost.Token);
        await entered.Task;
        long began = Stopwatch.GetTimestamp();
        await outermost.CancelAsync();
        await block.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Stopwatch.GetElapsedTime(began).TotalSeconds;

        async Task NestAsync(int left, CancellationToken around)
        {
            await Task.Yield();
            using var source = CancellationTokenSource.CreateLinkedTokenSource(around);
            if (left > 1)
            {
                await NestAsync(left - 1, source.Token);
                return;
            }

            entered.SetResult();
            await Task.Delay(Timeout.Infinite, source.Token);
        }
    }
}
