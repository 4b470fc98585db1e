using Samovar.Cli.Attaching;
using Samovar.Cli.Map.Outputs;

namespace Samovar.Cli.Top;

/// <summary>Runs <c>samovar top</c>.</summary>
/// <param name="pid">The process.</param>
/// <param name="rate">How many pictures to show a second.</param>
/// <param name="isOnce">Whether to show one picture only.</param>
/// <param name="view">Shows the pictures.</param>
internal sealed class TopJob(int pid, int rate, bool isOnce, TopView view)
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    private bool _hasShown;

    /// <summary>Shows pictures until the process exits, or the user stops.</summary>
    /// <exception cref="UsageException">The process cannot be watched.</exception>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        TargetProcess.Require(pid, "top");
        using var exit = ProcessExit.Of(pid);
        try
        {
            while (true)
            {
                await using var client = await WatchClient.OpenAsync(pid, rate, allowsCommands: false, cancellation)
                    ?? throw new NoAnswerException($"process {pid} is a .NET program without Samovar executors, or has not created one yet.");
                bool isDone = isOnce ? await ShowOneAsync(client, cancellation) : await ShowAllAsync(client, cancellation);
                if (isDone) return ExitCode.Success;
                if (await exit.DescribeAsync(client.End, cancellation) is { } how)
                {
                    view.End(TopText.Printable($"process {pid} ({client.Hello.Program}) {how}."));
                    return ExitCode.Success;
                }

                // The process disconnects a watcher that does not read, which is what this tool does while it is suspended.
                if (!_hasShown) throw new NoAnswerException($"process {pid} closed the connection before its first picture.");
            }
        }
        catch (OutputLostException lost) when (lost.IsClosedPipe)
        {
            return ExitCode.OutputClosed; // the reader, such as head, has all it needs
        }
        catch (NoAnswerException why)
        {
            throw new UsageException(why.Message, ExitCode.NoAnswer);
        }
        catch (InvalidDataException error)
        {
            throw new UsageException(TimedAnswer.Unreadable(pid, error).Message, ExitCode.NoAnswer);
        }
    }

    /// <summary>Shows the second picture: the first has no figures of a span of time. Returns false if the process has closed the connection.</summary>
    private async Task<bool> ShowOneAsync(WatchClient client, CancellationToken cancellation)
    {
        var (first, second) = await TimedAnswer.OfAsync(
            pid, async outOfTime => (await client.ReadPictureAsync(outOfTime), await client.ReadPictureAsync(outOfTime)), cancellation);
        if (first is null) return false;
        if (second is not null) view.Prepare(first);
        view.Show(client.Hello, second ?? first);
        _hasShown = true;
        return second is not null;
    }

    /// <summary>Shows each picture. Returns whether the user has stopped; false if the process has closed the connection.</summary>
    private async Task<bool> ShowAllAsync(WatchClient client, CancellationToken cancellation)
    {
        var next = client.ReadPictureAsync(cancellation).AsTask();
        while (!view.HasQuit)
        {
            try
            {
                if (await next.WaitAsync(s_tick, cancellation) is not { } picture) return false;
                view.Show(client.Hello, picture);
                _hasShown = true;
                next = client.ReadPictureAsync(cancellation).AsTask();
            }
            catch (TimeoutException)
            {
                view.Wait(); // the process may be stopped, or busy
            }
        }

        return true;
    }
}
