using Samovar.Benchmarks.Contestants;

namespace Samovar.Benchmarks.SideBySide;

/// <summary>Measures curves. At each place, the contestants take turns, as those of a row do.</summary>
internal static class CurveRun
{
    /// <summary>Measures one curve after another.</summary>
    /// <param name="curves">The curves.</param>
    /// <param name="plan">The extent of the run.</param>
    /// <param name="measured">Called with each point when it is measured.</param>
    /// <param name="cancellation">Cancels the run.</param>
    /// <returns>True if no contestant failed; a contestant that is not installed does not count as failed.</returns>
    public static async Task<bool> MeasureAllAsync(IReadOnlyList<Curve> curves, RunPlan plan, Action<CurvePoint> measured, CancellationToken cancellation)
    {
        bool isWhole = true;
        foreach (Curve curve in curves)
        {
            if (!Console.IsErrorRedirected) await Console.Error.WriteLineAsync($"{curve.Id}: {curve.Work}");
            isWhole &= await MeasureAsync(curve, plan, measured, cancellation);
        }

        return isWhole;
    }

    private static async Task<bool> MeasureAsync(Curve curve, RunPlan plan, Action<CurvePoint> measured, CancellationToken cancellation)
    {
        bool isWhole = true;
        var contestants = new List<(CurveContestant Contestant, ContestantProcess Process)>();
        try
        {
            foreach (CurveContestant contestant in curve.Contestants)
            {
                try
                {
                    contestants.Add((contestant, ContestantProcess.Start(contestant.Peer, curve.Key, plan.Scale, plan.Environment)));
                }
                catch (MissingPeerException missing)
                {
                    await Console.Error.WriteLineAsync($"{curve.Id}: skipping {contestant.Peer.Name}: {missing.Message}");
                }
            }

            foreach (double place in curve.Places.SkipLast(plan.IsQuick ? curve.Slow : 0))
            {
                var answers = contestants.ToDictionary(static contestant => contestant.Process, static _ => new List<ContestantReply>());
                for (int round = 0; round <= plan.Rounds; round++)
                {
                    foreach (var contestant in contestants.Where(contestant => place <= contestant.Contestant.Last).ToArray())
                    {
                        try
                        {
                            ContestantReply answer = await contestant.Process.RequestAsync(place, plan.Patience, cancellation);
                            if (round > 0) answers[contestant.Process].Add(answer); // the first is the warm-up
                        }
                        catch (Exception error) when (error is ContestantFailedException or MissingPeerException)
                        {
                            string name = contestant.Contestant.Peer.Name;
                            await Console.Error.WriteLineAsync($"{curve.Id}: skipping {name} from {place} {curve.Across}: {error.Message}");
                            isWhole &= error is MissingPeerException;
                            contestants.Remove(contestant);
                            await contestant.Process.DisposeAsync();
                        }
                    }
                }

                foreach (var (contestant, process) in contestants.Where(contestant => answers[contestant.Process].Count > 0)) measured(Point(curve, contestant, place, answers[process]));
            }
        }
        finally
        {
            foreach (var (_, process) in contestants) await process.DisposeAsync();
        }

        return isWhole;
    }

    private static CurvePoint Point(Curve curve, CurveContestant contestant, double place, List<ContestantReply> answers)
    {
        double[] bytes = [.. answers.Where(static answer => answer.Bytes is not null).Select(static answer => answer.Bytes!.Value)];
        return new(curve.Id, curve.Work, curve.Across, curve.Unit, contestant.Peer.Name, place, new Figures(answers.Select(static answer => answer.Value!.Value)).Median,
            bytes.Length > 0 ? new Figures(bytes).Median : null, answers.Count);
    }
}
