using Samovar.Diagnostics.Metering;
using Samovar.Tasks.Core;

namespace Samovar.Tasks.Inputs;

/// <summary>Submits tasks that depend on others.</summary>
internal static class DependentTasks
{
    /// <summary>Submits a task that starts when its inputs have succeeded.</summary>
    /// <param name="core">The executor that runs the task.</param>
    /// <param name="call">The work.</param>
    /// <param name="inputs">The inputs, of any executors.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ObjectDisposedException">The executor has been shut down.</exception>
    public static DependentFuture<TResult> Submit<TResult>(ExecutorCore core, DependentCall<TResult> call, Future[] inputs, TaskOptions? options)
    {
        ArgumentNullException.ThrowIfNull(call.Work, "work");
        int absent = Array.IndexOf(inputs, null);
        if (absent >= 0) throw new ArgumentNullException(nameof(inputs), $"Input {absent + 1} of {inputs.Length} is null.");
        if (options?.RequiredAmounts is { } amounts) core.CheckResources(amounts);
        long id = core.Admit(options);
        var (span, outer) = TaskSpan.IsOn ? TaskSpan.BeginFor(call.Work, core.Failures) : default;
        var future = new DependentFuture<TResult>(core, call, inputs, options, id);
        if (span is not null) TaskMeasures.Take(future, span);
        future.TrackExternal();
        try
        {
            if (future.IsWaiting) AwaitInputs(future);
            else core.Accept(future);
        }
        catch (Exception refusal)
        {
            future.UntrackExternal();
            if (span is not null) TaskMeasures.Refused(future, span, refusal);
            throw;
        }
        finally
        {
            if (span is not null) TaskSpan.Leave(span, outer);
        }

        return future;
    }

    private static void AwaitInputs<TResult>(DependentFuture<TResult> future)
    {
        try
        {
            future.AwaitInputs();
        }
        catch
        {
            future.Core.ReturnPlace();
            future.Core.Unadmit();
            throw;
        }
    }
}
