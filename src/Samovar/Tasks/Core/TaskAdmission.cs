using System.Diagnostics;
using Samovar.Diagnostics.Metering;

namespace Samovar.Tasks.Core;

/// <summary>The last step of a submission.</summary>
internal static class TaskAdmission
{
    /// <summary>Passes an admitted task to its executor. If that refuses it, the task is untracked, and its span ends with the refusal.</summary>
    /// <param name="future">The task.</param>
    /// <param name="span">Its span; null for none.</param>
    /// <param name="outer">Where the calling code was before the span began.</param>
    public static void Accept(Future future, Activity? span, ActivityPlace outer)
    {
        if (span is not null) TaskMeasures.Take(future, span);
        future.TrackExternal();
        try
        {
            future.Core.Accept(future);
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
    }
}
