using System.Globalization;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Outputs;
using Samovar.Cli.Map.Progress;

namespace Samovar.Cli.Map.Running;

/// <summary>One run over an input: gives the items to an executor and takes what becomes of them to results, log, counters and user.</summary>
/// <remarks>Everything is appended by the one loop of <see cref="RunAsync"/>; whatever ends it, what had ended by then is written.</remarks>
internal sealed class MapExecution(
    RunSettings settings, Executor executor, ItemCall work, StopSignal signal, ResultLog resultLog, ProgressCounters counters, FailureLines failures)
{
    private readonly InFlightItems _inFlight = new();
    private readonly MapOptions _options = settings.CreateMapOptions();

    /// <summary>Why the run stopped before its end, where neither user nor signal wanted it.</summary>
    public string? Halted { get; private set; }

    /// <summary>How many items the input has given.</summary>
    public long Taken { get; private set; }

    /// <summary>Why the input broke off.</summary>
    public Exception? InputError { get; private set; }

    /// <summary>Why nothing more could be written.</summary>
    public OutputLostException? OutputError { get; private set; }

    /// <summary>Runs all items, or as many as it may.</summary>
    public async Task RunAsync(IEnumerable<InputItem> items)
    {
        var source = _inFlight.Through(ItemStream.ReadAsync(Noting(items), signal.Stop));
        // Asynchronous items travel alone, so that only the others can share a batch (see RunAloneAsync).
        IAsyncEnumerable<Outcome<InputItem, ItemReport>> outcomes = work.IsAsynchronous
            ? executor.MapOutcomes<InputItem, ItemReport>(source, work.RunAsync, _options, signal.Kill)
            : executor.MapOutcomes<InputItem, ItemReport>(source, work.Run, _options, signal.Kill);
        try
        {
            await using var end = outcomes.GetAsyncEnumerator(CancellationToken.None);
            await TakeAllAsync(end);
        }
        catch (OperationCanceledException) when (signal.Kill.IsCancellationRequested)
        {
            // Asked for; items that had not ended are in no log.
        }
        catch (OutputLostException lost)
        {
            OutputError = lost;
            signal.RequestKill();
        }
        catch (Exception error) when (ReferenceEquals(error, InputError))
        {
            // Told by whoever asks for it.
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

    // The map throws the input's error when everything before it has ended; it has to be known from others.
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
        if (settings.Engine == Engine.Inline) resultLog.Flush(); // the step itself runs the item, and may never return
        ValueTask<bool> next = ended.MoveNextAsync();
        if (!next.IsCompleted) resultLog.Flush(); // nothing is held back while there is time to write it
        return next;
    }

    private void Take(Outcome<InputItem, ItemReport> outcome) => Take(_inFlight.Take(outcome.LongIndex), outcome);

    private void Take(InputItem item, Outcome<InputItem, ItemReport> outcome)
    {
        if (outcome.Error is OperationCanceledException && signal.Kill.IsCancellationRequested) return; // ended by the second Ctrl-C: not done
        ItemReport report = outcome.IsSuccess ? outcome.Value : Explain(item, outcome.Error);
        if (report.Status == ItemStatus.NotBegun) return;

        report = resultLog.Append(item, report);
        bool counts = report.Status == ItemStatus.Failed || report.Status == ItemStatus.Malformed && settings.BadInput != BadInput.Skip;
        counters.Add(item, report, counts);
        if (report.Status != ItemStatus.Succeeded) failures.Write(item, report);
        if (report.Status == ItemStatus.Malformed && settings.BadInput == BadInput.Halt)
            Halt(string.Create(CultureInfo.InvariantCulture, $"item {item.Number} is malformed"));
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
