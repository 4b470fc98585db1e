using System.Text.Json;
using Samovar.Benchmarks.Sides;

namespace Samovar.Benchmarks.SideBySide;

/// <summary><c>curves [--only payload,queued] [--quick] [--rounds N] [--scale S] [--tied]</c>: one JSON object a point on stdout, as it is measured.</summary>
/// <remarks>Exit codes as those of <see cref="RowsVerb"/>. At each place the sides take turns, as those of a row do.</remarks>
internal static class CurvesVerb
{
    private const int Rounds = 3;

    public static async Task<int> RunAsync(string[] args)
    {
        RunPlan plan;
        IReadOnlyList<Curve> curves;
        try
        {
            (plan, string[] only) = RunPlan.Read(args);
            curves = Curves.Choose(only);
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return 2;
        }

        // A point is one of many on its curve, and needs fewer rounds than a row.
        if (!args.Contains("--rounds")) plan = plan with { Rounds = plan.IsQuick ? 1 : Rounds };
        return await Interruption.RunAsync(args.Contains("--tied"), async stop =>
        {
            int code = 0;
            foreach (Curve curve in curves)
            {
                if (!Console.IsErrorRedirected) await Console.Error.WriteLineAsync($"{curve.Id}: {curve.Work}");
                if (!await MeasureAsync(curve, plan, stop)) code = 1;
            }

            return code;
        });
    }

    private static async Task<bool> MeasureAsync(Curve curve, RunPlan plan, CancellationToken cancellation)
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

                foreach (var (side, process) in sides.Where(side => answers[side.Process].Count > 0))
                    await Console.Out.WriteLineAsync(JsonSerializer.Serialize(Point(curve, side, place, answers[process]), Written.Json));
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
