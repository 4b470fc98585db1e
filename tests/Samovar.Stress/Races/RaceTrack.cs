using System.Diagnostics.CodeAnalysis;

namespace Samovar.Stress.Races;

/// <summary>Runs races: in some rounds the cancellation comes first, in some after the success, in most both come at once, from two threads.</summary>
/// <remarks>In half of those the two begin at the same moment, give or take up to some tens of microseconds. In the other half the side that wins gets a longer
/// delay in the next round, so that the two meet at the decision, wherever in the operation that is.</remarks>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Threads that race must be awake, and meet within microseconds.")]
internal sealed class RaceTrack : IDisposable
{
    private const int Step = 25; // iterations of a spin
    private const int ShortestJitter = 50; // iterations of a spin: about a microsecond

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30); // a guard against hanging, not a measure of speed

    private static readonly Order[] s_orders = Enum.GetValues<Order>();

    private readonly Barrier _line = new(2);
    private readonly Thread _second;
    private Action? _next;
    private Exception? _error;
    private int _secondsDelay;

    public RaceTrack()
    {
        _second = new Thread(RunSecond) { IsBackground = true, Name = "race" };
        _second.Start();
    }

    private enum Order
    {
        CancelFirst,
        SuccessFirst,
        AtOnceCancelingHere,
        AtOnceCancelingThere,
        BalancedCancelingHere,
        BalancedCancelingThere,
    }

    /// <summary>Runs so many rounds; the same seed gives the same orders.</summary>
    public async Task<RaceCount> RunAsync(CancelRace race, int rounds, int seed)
    {
        var random = new Random(seed);
        int canceled = 0, succeeded = 0;
        int[] delays = new int[s_orders.Length]; // of the cancellation; of the success where negative
        List<string> broken = [];
        var setup = race.SetUp();
        try
        {
            for (int round = 0; round < rounds; round++)
            {
                // The first rounds have a fixed order, so that each way to end is seen.
                var order = round < 4 ? (Order)(round % 2) : (Order)random.Next(s_orders.Length);
                string? problem = null;
                bool isCanceled = false;
                try
                {
                    isCanceled = await RoundAsync(setup, order, delays[(int)order], random).ConfigureAwait(false);
                    await setup.Settle().ConfigureAwait(false);
                    bool hasHappened = setup.HasHappened();
                    if (hasHappened == isCanceled) problem = isCanceled ? "cancelled, although it happened" : "succeeded, and nothing happened";
                }
                catch (Exception error)
                {
                    problem = error.ToString(); // counted as broken below
                }

                if (order >= Order.BalancedCancelingHere) delays[(int)order] += isCanceled ? Step : -Step;
                if (isCanceled) canceled++;
                else if (problem is null) succeeded++;
                if (problem is null) continue;
                broken.Add($"{race.Name}, round {round}, {order}, seed {seed}: {problem}");
                await setup.DisposeAsync().ConfigureAwait(false); // its state is unknown
                setup = race.SetUp();
            }
        }
        finally
        {
            await setup.DisposeAsync().ConfigureAwait(false);
        }

        return new RaceCount(canceled, succeeded, broken);
    }

    public void Dispose()
    {
        _next = null;
        _line.SignalAndWait();
        _second.Join();
        _line.Dispose();
    }

    /// <returns>Whether the operation was cancelled.</returns>
    private async Task<bool> RoundAsync(RaceSetup setup, Order order, int cancelDelay, Random random)
    {
        using var source = new CancellationTokenSource();
        var operation = setup.Begin(source.Token);
        int jitter = ShortestJitter << (2 * random.Next(4)); // up to some tens of microseconds: what it takes to wake a thread
        Thread.SpinWait(random.Next(jitter)); // a blocking operation spins before it sleeps
        int beforeCancel = Math.Max(0, cancelDelay) + random.Next(jitter);
        int beforeSuccess = Math.Max(0, -cancelDelay) + random.Next(jitter);
        switch (order)
        {
            case Order.CancelFirst:
                source.Cancel();
                // Another thread may carry out the cancellation, so a success right after it could come first.
                if (setup.EndsWhenCancelled) await EndOf(operation).ConfigureAwait(false);
                setup.Succeed();
                break;
            case Order.SuccessFirst:
                setup.Succeed();
                await EndOf(operation).ConfigureAwait(false);
                source.Cancel();
                break;
            case Order.AtOnceCancelingHere or Order.BalancedCancelingHere:
                Together(source.Cancel, beforeCancel, setup.Succeed, beforeSuccess);
                break;
            default:
                Together(setup.Succeed, beforeSuccess, source.Cancel, beforeCancel);
                break;
        }

        try
        {
            await operation.WaitAsync(s_limit).ConfigureAwait(false);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    // Does not throw the operation's own error.
    private static async Task EndOf(Task operation) =>
        await operation.WaitAsync(s_limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void Together(Action here, int delayHere, Action there, int delayThere)
    {
        _next = there;
        _secondsDelay = delayThere;
        _line.SignalAndWait();
        Thread.SpinWait(delayHere);
        here();
        _line.SignalAndWait();
        if (Interlocked.Exchange(ref _error, null) is { } error) throw new InvalidOperationException("The operation's condition could not be made true.", error);
    }

    private void RunSecond()
    {
        while (true)
        {
            _line.SignalAndWait();
            if (_next is not { } next) return;
            try
            {
                Thread.SpinWait(_secondsDelay);
                next();
            }
            catch (Exception error)
            {
                _error = error; // thrown by the thread that runs the round
            }

            _line.SignalAndWait();
        }
    }
}
