using System.Diagnostics;

namespace Samovar.Diagnostics.Metering;

/// <summary>The current activity of a thread at one moment, to be made current again later.</summary>
/// <param name="Current">The activity; null if the thread had none.</param>
/// <param name="Context">The execution context; null if its flow was suppressed.</param>
internal readonly record struct ActivityPlace(Activity? Current, ExecutionContext? Context)
{
    public static ActivityPlace Capture() => new(Activity.Current, ExecutionContext.Capture());

    public void Restore()
    {
        if (ReferenceEquals(Activity.Current, Current)) return;
        Activity.Current = Current;

        // The setter ignores an activity that has stopped, as that of a request may have while code that it started continues.
        if (Context is not null && !ReferenceEquals(Activity.Current, Current)) ExecutionContext.Restore(Context);
    }
}
