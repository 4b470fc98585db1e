using System.Diagnostics;
using System.Text;
using Samovar.Diagnostics.Recording;

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

    /// <summary>Worker: starts an activity on this thread that continues the submitter's.</summary>
    public static Activity Start(ReadOnlySpan<char> trace, in TaskHeader task, string? name)
    {
        string[] parts = trace.ToString().Split(Separator);
        string? state = parts.Length > 1 && parts[1].Length > 0 ? parts[1] : null;

        // Without a listener here the source creates no activity, and the trace would be cut, although the work may call other services.
        var activity = (ActivityContext.TryParse(parts[0], state, isRemote: true, out var parent)
            ? Tracing.Source.CreateActivity(Tracing.TaskActivity, ActivityKind.Consumer, parent)
            : null) ?? new Activity(Tracing.TaskActivity).SetParentId(parts[0]);
        activity.TraceStateString = state;
        for (int i = parts.Length - 2; i >= 2; i -= 2) activity.AddBaggage(parts[i], parts[i + 1]); // the last added comes first
        if (name is not null) activity.DisplayName = name;
        if (activity.IsAllDataRequested) activity.SetTag("samovar.task.id", task.Id).SetTag("samovar.task.attempt", task.Attempt);
        return activity.Start();
    }
}
