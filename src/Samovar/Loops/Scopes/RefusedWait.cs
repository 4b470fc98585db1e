using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using Samovar.Loops.Core;
using Samovar.Loops.Inspection;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Loops.Scopes;

/// <summary>Waits that do not start because their token or scope has been cancelled.</summary>
/// <remarks>On a loop, such a wait completes in a separate callback, so code that catches the cancellation and waits again does not monopolize the
/// thread. Code that repeats this <see cref="MostRefused"/> times is reported once.</remarks>
internal static class RefusedWait
{
    /// <summary>The number of refused waits after which a task or block is reported, counted per scope. Far more than clean-up code needs.</summary>
    public const int MostRefused = 10_000;

    private static readonly Action<object?> s_endSleep = static sleep => ((RefusedSleep)sleep!).Refuse();

    /// <summary>Returns a wait that completes as cancelled: in the loop's next turn, or immediately off a loop.</summary>
    /// <param name="by">The token to throw with.</param>
    public static ValueTask Cancel(CancellationToken by)
    {
        if (LoopCore.Current is not { } loop) return ValueTask.FromCanceled(by);
        Count(loop);
        var sleep = new RefusedSleep(loop, by);
        loop.Post(s_endSleep, sleep);
        return new ValueTask(sleep, 0);
    }

    /// <inheritdoc cref="Cancel(CancellationToken)"/>
    /// <typeparam name="T">The type of the result that was waited for.</typeparam>
    public static ValueTask<T> Cancel<T>(CancellationToken by) =>
        LoopCore.Current is null ? ValueTask.FromCanceled<T>(by) : new ValueTask<T>(CancelInTurnAsync<T>(by));

    /// <summary>Counts a wait that the current scope refuses, and reports the code when it reaches the limit. On the loop's thread.</summary>
    public static void Count(LoopCore loop)
    {
        if (AmbientFrame.Current is { Scope.IsCancellationRequested: true } frame && frame.CountRefusal() == MostRefused) Report(loop);
    }

    private static async Task<T> CancelInTurnAsync<T>(CancellationToken by)
    {
        await Cancel(by).ConfigureAwait(true);
        throw new UnreachableException("A refused wait completed successfully.");
    }

    private static void Report(LoopCore loop)
    {
        string code = CodeAtHand();
        loop.Owner.Report(
            FailureSource.IgnoredCancellation, RunningTask.Current?.Id ?? 0, code,
            new InvalidOperationException(
                $"{code} continues although its scope was cancelled: {MostRefused.ToString("N0", CultureInfo.InvariantCulture)} of its waits have been refused. " +
                "It catches each OperationCanceledException and waits again. Do not catch that exception, or return when CancelScope.Current is cancelled. " +
                $"Waits that must complete nevertheless belong in {nameof(CancelScope)}.{nameof(CancelScope.ShieldAsync)}."));
    }

    /// <summary>Returns the user's method that waits, with its source line if debug symbols are available.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = CodeRequirements.InspectsOnly)]
    private static string CodeAtHand()
    {
        foreach (var frame in new StackTrace(fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetMethod() is not { DeclaringType: { } owner } method || owner.Assembly == typeof(RefusedWait).Assembly || owner.Assembly == typeof(object).Assembly) continue;
            string name = typeof(IAsyncStateMachine).IsAssignableFrom(owner) ? CallbackOrigin.NameOf(owner) : MethodNames.Of(method);
            return frame.GetFileName() is { } file ? string.Create(CultureInfo.InvariantCulture, $"{name} ({Path.GetFileName(file)}:{frame.GetFileLineNumber()})") : name;
        }

        return "Code of the event loop";
    }

    private sealed class RefusedSleep(LoopCore loop, CancellationToken by) : LoopSleep(loop, obeysRoot: false)
    {
        protected override CancellationToken CanceledBy => by;

        public void Refuse() => EndCanceled();
    }
}
