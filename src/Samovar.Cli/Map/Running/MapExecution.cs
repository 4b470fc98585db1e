using System.Globalization;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Outputs;
using Samovar.Cli.Map.Progress;

namespace Samovar.Cli.Map.Running;

/// <summary>A run over an input: passes the items to an executor, and their reports to the results, log, counters and stderr.</summary>
/// <remarks>Only the loop of <see cref="RunAsync"/> appends. However it stops, all items that had finished by then are written.</remarks>
internal sealed class MapExecution(
    RunSettings settings, StartMap map, StopSignal signal, ResultLog resultLog, ProgressCounters counters, FailureLines failures)
{
    private readonly InFlightItems _inFlight = new();
    private readonly MapOptions _options = settings.CreateMapOptions();

    /// <summary>Gets why the run stopped early, other than by a signal; null if it did not.</summary>
    public string? Halted { get; private set; }

    /// <summary>Gets the number of items read from the input.</summary>
    public long Taken { get; private set; }

    /// <summary>Gets the error with which reading the input failed; null for none.</summary>
    public Exception? InputError { get; private set; }

    /// <summary>Gets the error with which writing failed; null for none.</summary>
    public OutputLostException? OutputError { get; set; }

    /// <summary>Runs the items until the end of the input or until the run is stopped.</summary>
    public async Task RunAsync(IEnumerable<InputItem> items)
    {
        var source = _inFlight.Through(ItemStream.ReadAsync(Noting(items), signal.Stop));
        IAsyncEnumerable<Outcome<InputItem, ItemReport>> outcomes = map(source, _options);
        try
        {
            await using var end = outcomes.GetAsyncEnumerator(CancellationToken.None);
            await TakeAllAsync(end);
        }
        catch (OperationCanceledException) when (signal.Kill.IsCancellationRequested)
        {
            // The user killed the run; unfinished items are not in the log.
        }
        catch (OutputLostException lost)
        {
            OutputError = lost;
            signal.RequestKill();
        }
        catch (Exception error) when (ReferenceEquals(error, InputError))
        {
            // The caller reports InputError.
        }

        if (OutputError is null) WriteRest();
    }

    private void WriteRest()
    {
        try
        {
            resultLog.Flush();
        }
        catch (OutputLostException lost)
        {
            OutputError = lost;
        }
    }

    // Records the input's error: the map throws it after all earlier items have finished, and it must be distinguished from other errors.
    private IEnumerable<InputItem> Noting(IEnumerable<InputItem> items)
    {
        using IEnumerator<InputItem> source = items.GetEnumerator();
        while (true)
        {
            try
            {
                if (!source.MoveNext()) yield break;
            }
            catch (Exception error)
            {
                InputError = error;
                throw;
            }

            Taken++;
            yield return source.Current;
        }
    }

    private async Task TakeAllAsync(IAsyncEnumerator<Outcome<InputItem, ItemReport>> ended)
    {
        while (await NextAsync(ended)) Take(ended.Current);
    }

    private ValueTask<bool> NextAsync(IAsyncEnumerator<Outcome<InputItem, ItemReport>> ended)
    {
        if (settings.Engine == Engine.Inline) resultLog.Flush(); // MoveNextAsync itself runs the item, and may never return
        ValueTask<bool> next = ended.MoveNextAsync();
        if (!next.IsCompleted) resultLog.Flush(); // the loop waits for the next item, so the buffered data can be written
        return next;
    }

    private void Take(Outcome<InputItem, ItemReport> outcome) => Take(_inFlight.Take(outcome.LongIndex), outcome);

    private void Take(InputItem item, Outcome<InputItem, ItemReport> outcome)
    {
        if (outcome.Error is OperationCanceledException && signal.Kill.IsCancellationRequested) return; // killed by the second Ctrl-C: not finished
        ItemReport report = outcome.IsSuccess ? outcome.Value : Explain(item, outcome.Error);
        if (report.Status == ItemStatus.NotBegun) return;

        report = resultLog.Append(item, report);
        bool counts = report.Status == ItemStatus.Failed || report.Status == ItemStatus.Malformed && settings.BadInput != BadInput.Skip;
        counters.Add(item, report, counts);
        if (report.Status != ItemStatus.Succeeded) failures.Write(item, report);
        if (report.Status == ItemStatus.Malformed && settings.BadInput == BadInput.Halt)
            Halt(string.Create(CultureInfo.InvariantCulture, $"item {item.Number} is malformed"));
        else if (report.Command is { CannotRun: true })
            Halt(string.Create(CultureInfo.InvariantCulture, $"item {item.Number} shows that a program of the command cannot be run"));
        else if (settings.Halt?.IsMet(counters.Failed, counters.Ended) == true)
            Halt(string.Create(CultureInfo.InvariantCulture, $"{counters.Failed} of {counters.Ended} items have failed (--halt)"));
    }

    private void Halt(string why)
    {
        Halted ??= why;
        signal.RequestStop();
    }

    private ItemReport Explain(InputItem item, Exception error)
    {
        if (error is ItemFailedException failed) return failed.Report;
        (int worker, long started) = counters.WhoRan(item.Number);
        if (error is WorkerCrashedException crash && worker == 0) worker = crash.ProcessId;
        long took = started == 0 ? 0 : System.Diagnostics.Stopwatch.GetTimestamp() - started;
        int attempt = error is WorkerCrashedException { Attempt: > 0 } ended ? ended.Attempt : settings.Retries + 1;
        return new ItemReport(ItemStatus.Failed, ErrorTexts.Of(error, settings.Timeout), started, took, worker, attempt, error.GetType().FullName, error.ToString());
    }
}

/// <summary>Starts the map of a run over its items.</summary>
internal delegate IAsyncEnumerable<Outcome<InputItem, ItemReport>> StartMap(IAsyncEnumerable<InputItem> items, MapOptions options);
