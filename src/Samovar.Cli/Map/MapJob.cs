using System.Globalization;
using System.Runtime.InteropServices;
using Samovar.Cli.Cluster;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Outputs;
using Samovar.Cli.Map.Progress;
using Samovar.Cli.Map.Running;

namespace Samovar.Cli.Map;

/// <summary>Runs <c>samovar map</c>, from the request to the exit code.</summary>
internal sealed class MapJob(MapRequest request)
{
    private const int ShuffleSeed = 1; // the same order in every run
    private const int OutputPiece = 64 * 1024;
    private const int MostLeftOut = 10; // lines
    private const string Silence =
        "waiting for items on standard input. Use --input, --files, --range or items after -- to read them from elsewhere.";

    public async Task<int> RunAsync()
    {
        CurrentFolder.Require();
        FileClashes.Refuse(request);
        MapWork work = request.Command is { } command ? new CommandWork(request, command)
            : await MethodWork.FindAsync(request, ShowsSummary ? Say : static _ => { }, Say);
        Action<string> say = Say;
        await using SilenceNotice? silence = request.NamesNoInput ? new SilenceNotice(TimeProvider.System, () => Volatile.Read(ref say)(Silence)) : null;
        silence?.Begin();
        ItemInput input = work.OpenInput(Say);
        if (input is CsvInput) silence?.End(); // its header has been read
        else silence?.Pause(); // nothing is read until the outputs are open
        if (request.DryRun) return DryRun(work, input, silence);

        ResultFormat format = request.Format ?? (request.Command is null ? FormatOf(request.Output) : ResultFormat.Text);
        string? output = request.Output is null or "-" ? null : Path.GetFullPath(request.Output);
        (ResultLog resultLog, ResumePoint? point) = OpenOutputs(work, input, format, output);
        var counters = new ProgressCounters(point?.Done.Count ?? 0);
        using var signal = new StopSignal();
        long? total = request.Limit is { } limit && input.Count is { } count ? Math.Min(limit, count) : input.Count;
        var shown = new RunProgress(counters, total, () => input.Fraction, request.Settings.Workers, work.Title);
        MapExecution run;
        await using (ProgressView view = ProgressView.Start(Kind(output), shown))
        {
            Volatile.Write(ref say, line => view.Say($"samovar: {line}"));
            signal.Listen(() => view.Say("samovar: stopping; running items may finish. Press Ctrl-C again to kill them."));
            foreach (string line in LeftOut(input)) view.Say(line);
            Executor executor = work.CreateExecutor(view);
            await using var cluster = request.Settings.Cluster is { } where ? await ClusterWatch.StartAsync((ClusterExecutor)executor, where, view.Say) : null;
            var state = new RunState(input, format, counters, signal, view);
            run = new MapExecution(
                request.Settings, (items, options) => work.Map(executor, items, options, state), signal, resultLog, counters, new FailureLines(view.Say, request.Verbose));
            await run.RunAsync(Items(input, point, silence));
            run.OutputError ??= state.Lost;
            silence?.End();
            await executor.ShutdownAsync(signal.Kill.IsCancellationRequested ? ShutdownMode.Kill : ShutdownMode.Drain, TimeSpan.Zero);
        }

        resultLog.Close();
        return Conclude(run, signal, counters.Snapshot(), input);
    }

    private static IEnumerable<string> LeftOut(ItemInput input)
    {
        foreach (string what in input.LeftOut.Take(MostLeftOut)) yield return $"samovar: left out: {what}";
        if (input.LeftOut.Count > MostLeftOut)
            yield return string.Create(CultureInfo.InvariantCulture, $"samovar: left out: {input.LeftOut.Count - MostLeftOut:N0} more");
    }

    private (ResultLog ResultLog, ResumePoint? Point) OpenOutputs(MapWork work, ItemInput input, ResultFormat format, string? output)
    {
        string form = format.ToString().ToLowerInvariant() + (request.WithInput ? " with inputs" : "");
        var header = new JobLogHeader(JobLogHeader.CurrentVersion, work.Target, work.Title, input.Name, output, form);
        return OutputFiles.Open(
            output is null ? null : request.Output, request.JobLog, request.Resume || request.ResumeFailed, request.ResumeFailed, input.IsKnownByText, header,
            file => work.CreateFormatter(file, output, format), Say);
    }

    private IEnumerable<InputItem> Items(ItemInput input, ResumePoint? point, SilenceNotice? silence)
    {
        IEnumerable<InputItem> items = silence is null ? input.Read() : silence.Through(input.Read());
        if (request.Shuffle) items = Shuffled(items);
        if (request.Limit is { } limit) items = Limited(items, limit);
        return point is null ? items : point.Done.Without(items);
    }

    private static IEnumerable<InputItem> Limited(IEnumerable<InputItem> items, long limit)
    {
        long taken = 0;
        foreach (InputItem item in items)
        {
            yield return item;
            if (++taken == limit) yield break; // without reading one more item from a pipe
        }
    }

    private static InputItem[] Shuffled(IEnumerable<InputItem> items)
    {
        InputItem[] all = [.. items];
        new Random(ShuffleSeed).Shuffle(all);
        return all;
    }

    private int Conclude(MapExecution run, StopSignal signal, ProgressSnapshot end, ItemInput input)
    {
        string? interruption = signal.Signal switch
        {
            PosixSignal.SIGINT => "interrupted",
            PosixSignal.SIGTERM => "terminated by SIGTERM",
            _ => null,
        };
        if (run.OutputError is { IsClosedPipe: true }) return ExitCode.OutputClosed; // the reader, such as head, has all it needs
        if (run.OutputError is { } lost) Say($"{lost.Message}. {AfterLoss}");
        else if (run.InputError is UsageException mistake) Say(mistake.Message);
        else if (run.InputError is { } error) Say($"{BrokenOff(error)} The items read before that were run.");
        else if (interruption is not null) Say($"{interruption}. {HowToResume(end)}");
        else if (run.Halted is { } why) Say($"stopped: {why}. {HowToResume(end)}");
        else if (run.Taken + end.Already == 0) Say(Empty(input));
        if (ShowsSummary)
        {
            foreach (string line in request.Progress == ProgressKind.Json ? [Summary.Json(end)] : Summary.Lines(end)) Console.Error.WriteLine(line);
        }

        return run switch
        {
            { OutputError: not null } => ExitCode.OutputLost,
            { InputError: UsageException } => ExitCode.Usage,
            { InputError: not null } => ExitCode.InputLost,
            _ when signal.Signal == PosixSignal.SIGINT => ExitCode.Interrupted,
            _ when signal.Signal == PosixSignal.SIGTERM => ExitCode.Terminated,
            { Halted: not null } => ExitCode.Halted,
            _ when input.LeftOut.Count > 0 => ExitCode.InputLost,
            _ => end.Failed > 0 ? ExitCode.ItemsFailed : ExitCode.Success,
        };
    }

    private string HowToResume(ProgressSnapshot end)
    {
        string done = string.Create(CultureInfo.InvariantCulture, $"{end.Ended + end.Already:N0} items are finished");
        return request.JobLog is null
            ? $"{done}. Without --job-log, the next run starts from the beginning."
            : $"{done}; run the same command with --resume to run the others.";
    }

    // Items that ran but whose results were not written count as not finished.
    private string AfterLoss => request.JobLog is null
        ? "Without --job-log, the next run starts from the beginning."
        : "Free some space and run the same command with --resume; it continues after the last item in both files.";

    private bool ShowsSummary => request.Progress switch
    {
        ProgressKind.None => false,
        ProgressKind.Auto => !Console.IsErrorRedirected,
        _ => true,
    };

    // Results that go to the same terminal would break up a live display.
    private ProgressKind Kind(string? output) => request.Progress switch
    {
        ProgressKind.Auto when Console.IsErrorRedirected || (output is null && !Console.IsOutputRedirected) => ProgressKind.None,
        ProgressKind.Auto => ProgressKind.Live,
        var asked => asked,
    };

    private void Say(string message) => WriteError($"samovar: {message}");

    private void WriteError(string line) => Console.Error.WriteLine(request.Progress == ProgressKind.Json ? ProgressView.Message(line) : line);

    private static string Empty(ItemInput input) => $"the input, {input.Name}, has no items.";

    private int DryRun(MapWork work, ItemInput input, SilenceNotice? silence)
    {
        var output = new AppendBuffer("The output", StandardOutput.Open(), 0);
        try
        {
            work.WriteHead(output, input);
            long items = 0;
            foreach (InputItem item in Items(input, null, silence))
            {
                items++;
                work.WriteItem(output, item);
                if (output.Pending > OutputPiece) output.Flush();
            }

            output.Flush();
            if (items == 0) Say(Empty(input));
            foreach (string line in LeftOut(input)) WriteError(line);
            return input.LeftOut.Count > 0 ? ExitCode.InputLost : ExitCode.Success;
        }
        catch (OutputLostException lost) when (lost.IsClosedPipe)
        {
            return ExitCode.OutputClosed; // the reader, such as head, has all it needs
        }
        catch (OutputLostException lost)
        {
            throw new UsageException($"{lost.Message}.", ExitCode.OutputLost);
        }
        catch (IOException broken)
        {
            throw new UsageException(BrokenOff(broken), ExitCode.InputLost);
        }
    }

    private static string BrokenOff(Exception error) => $"reading the input failed: {TextFormat.FirstLine(error.Message)}";

    private static ResultFormat FormatOf(string? output) => Path.GetExtension(output)?.ToLowerInvariant() switch
    {
        ".jsonl" or ".ndjson" or ".json" => ResultFormat.Jsonl,
        ".csv" => ResultFormat.Csv,
        ".tsv" => ResultFormat.Tsv,
        _ => ResultFormat.Text,
    };
}
