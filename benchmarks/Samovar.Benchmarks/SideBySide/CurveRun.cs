using Samovar.Benchmarks.Sides;

namespace Samovar.Benchmarks.SideBySide;

/// <summary>Measures curves: at each place the sides take turns, as those of a row do.</summary>
internal static class CurveRun
{
    /// <summary>Measures one curve after another.</summary>
    /// <param name="curves">Which.</param>
    /// <param name="plan">How much of it.</param>
    /// <param name="measured">Takes each point as it is measured.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <returns>Whether no side has failed; one that is not installed has not.</returns>
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
        var sides = new List<(CurveSide Side, SideProcess Process)>();
        try
        {
            foreach (CurveSide side in curve.Sides)
            {
                try
                {
                    sides.Add((side, SideProcess.Start(side.Peer, curve.Key, plan.Scale, plan.Environment)));
                }
                catch (MissingPeerException missing)
                {
                    await Console.Error.WriteLineAsync($"{curve.Id}: {side.Peer.Name} is left out: {missing.Message}");
                }
            }

            foreach (double place in curve.Places.SkipLast(plan.IsQuick ? curve.Slow : 0))
            {
                var answers = sides.ToDictionary(static side => side.Process, static _ => new List<SideAnswer>());
                for (int round = 0; round <= plan.Rounds; round++)
                {
                    foreach (var side in sides.Where(side => place <= side.Side.Last).ToArray())
                    {
                        try
                        {
                            SideAnswer answer = await side.Process.AskAsync(place, plan.Patience, cancellation);
                            if (round > 0) answers[side.Process].Add(answer); // the first is the warm-up
                        }
                        catch (Exception error) when (error is SideFailedException or MissingPeerException)
                        {
                            await Console.Error.WriteLineAsync($"{curve.Id}: {side.Side.Peer.Name} is left out from {place} {curve.Across} on: {error.Message}");
                            isWhole &= error is MissingPeerException;
                            sides.Remove(side);
                            await side.Process.DisposeAsync();
                        }
                    }
                }

                foreach (var (side, process) in sides.Where(side => answers[side.Process].Count > 0)) measured(Point(curve, side, place, answers[process]));
            }
        }
        finally
        {
            foreach (var (_, process) in sides) await process.DisposeAsync();
        }

        return isWhole;
    }

    private static CurvePoint Point(Curve curve, CurveSide side, double place, List<SideAnswer> answers)
    {
        double[] bytes = [.. answers.Where(static answer => answer.Bytes is not null).Select(static answer => answer.Bytes!.Value)];
        return new(curve.Id, curve.Work, curve.Across, curve.Unit, side.Peer.Name, place, new Figures(answers.Select(static answer => answer.Value!.Value)).Median,
            bytes.Length > 0 ? new Figures(bytes).Median : null, answers.Count);
    }
}
