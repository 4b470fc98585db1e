using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Watching.Advising.Rules;

/// <summary>One function makes most of the failures of an executor.</summary>
internal sealed class FailingFunctionRule() : AdviceRule("failing-function")
{
    private const int MostErrors = 64;

    private readonly Dictionary<(int Executor, string Function), RecordedError> _errors = []; // the newest of each function

    public override IEnumerable<Advice> Check(AdviceSituation situation)
    {
        foreach (var executor in situation.Picture.Executors)
        {
            foreach (var attempt in executor.Recording.NewAttempts)
            {
                if (attempt.Error is not { } error || attempt.Outcome == AttemptOutcome.Retried) continue;
                if (_errors.Count >= MostErrors) _errors.Clear();
                _errors[(executor.Number, attempt.Function)] = error;
            }
        }

        foreach (var (executor, window) in situation.Minute())
        {
            long failures = window.Functions.Sum(static function => (long)function.Failures);
            if (window.Functions.MaxBy(static function => function.Failures) is not { } worst || worst.Failures < situation.Limits.LeastFailures) continue;
            double share = (double)worst.Failures / failures;
            if (share <= situation.Limits.FailureShare) continue;
            string newest = _errors.TryGetValue((executor.Number, worst.Name), out var error) ? $" The newest error: {error.Type}: {AdviceText.Error(error.Message)}." : "";
            string text = $"{worst.Name} makes {AdviceText.Percent(share)} of the failures of executor '{executor.Statistics.Executor}': {AdviceText.Number(worst.Failures)} of its "
                + $"{AdviceText.Count(worst.Completed, "task")} failed in the last {AdviceText.Time(window.Span)}. Look at its errors first.{newest}";
            yield return About(executor, AdviceSeverity.Warning, text) with { Function = worst.Name };
        }
    }
}
