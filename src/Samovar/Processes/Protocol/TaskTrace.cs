using System.Diagnostics;
using System.Text;
using Samovar.Diagnostics.Metering;
using Samovar.Diagnostics.Recording;
using Samovar.Primitives;

namespace Samovar.Processes.Protocol;

/// <summary>The activity under which a task was submitted, as text that is sent with the task: its id (the W3C traceparent, if that is the format),
/// its trace state, its baggage.</summary>
internal static class TaskTrace
{
    /// <summary>The largest length in characters. What does not fit is left out from the end, as the W3C recommendation allows, but never the
    /// id.</summary>
    public const int Longest = 4 * 1024;

    private const char Separator = '\0';

    public static string Of(Activity? activity)
    {
        if (activity?.Id is not { Length: <= Longest } id || id.Contains(Separator)) return "";
        var text = new StringBuilder(id).Append(Separator);
        if (activity.TraceStateString is { } state && !state.Contains(Separator) && text.Length + state.Length <= Longest) text.Append(state);
        foreach (var (key, value) in activity.Baggage)
        {
            if (key.Contains(Separator) || value is null || value.Contains(Separator)) continue;
            if (text.Length + key.Length + value.Length + 2 > Longest) break;
            text.Append(Separator).Append(key).Append(Separator).Append(value);
        }

        return text.ToString();
    }

    /// <summary>Returns the identity of the activity; null if the trace is empty, or its id has another format than that of the W3C.</summary>
    /// <param name="trace">What <see cref="Of"/> has returned.</param>
    public static ActivityContext? ContextOf(string trace)
    {
        if (trace.Length == 0) return null;
        string[] parts = trace.Split(Separator);
        return ActivityContext.TryParse(parts[0], StateIn(parts), isRemote: false, out var context) ? context : null;
    }

    /// <summary>Worker: starts an activity on this thread that continues the submitter's.</summary>
    /// <param name="trace">What <see cref="Of"/> has returned.</param>
    /// <param name="executor">The name of the executor; null if it is not known here.</param>
    /// <param name="type">The type of the executor, as an attribute has it.</param>
    /// <param name="id">The number of the task.</param>
    /// <param name="attempt">The number of the attempt.</param>
    /// <param name="name">The task's name; null if it has none.</param>
    /// <param name="work">The task's work.</param>
    public static Activity Start(ReadOnlySpan<char> trace, string? executor, string type, long id, int attempt, string? name, Delegate work)
    {
        string[] parts = trace.ToString().Split(Separator);
        string? state = StateIn(parts);
        var items = work.Target as IItemWork;

        // Without a listener here the source creates no activity, and the trace would be cut, although the work may call other services.
        var activity = (Tracing.Source.HasListeners() && ActivityContext.TryParse(parts[0], state, isRemote: true, out var parent)
            ? Tracing.Source.CreateActivity(FunctionNames.Shared.Of(items?.Work ?? work), ActivityKind.Consumer, parent)
            : null) ?? new Activity(Tracing.TaskActivity).SetParentId(parts[0]);
        activity.TraceStateString = state;
        for (int i = parts.Length - 2; i >= 2; i -= 2) activity.AddBaggage(parts[i], parts[i + 1]); // the last added comes first
        TaskSpan.Describe(activity, executor, type, id, name);
        if (activity.IsAllDataRequested)
        {
            activity.SetTag(SamovarTelemetry.TaskAttemptKey, attempt);
            if (items is not null) activity.SetTag(SamovarTelemetry.ItemsKey, items.Count);
        }

        return activity.Start();
    }

    private static string? StateIn(string[] parts) => parts.Length > 1 && parts[1].Length > 0 ? parts[1] : null;
}
