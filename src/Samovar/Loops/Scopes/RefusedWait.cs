using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Samovar.Loops.Core;
using Samovar.Loops.Inspection;
using Samovar.Tasks.Core;

namespace Samovar.Loops.Scopes;

/// <summary>Waits that do not begin because their token or scope has been cancelled.</summary>
/// <remarks>On a loop such a wait ends in a turn of its own, so that code which catches the cancellation and waits again does not keep the thread to itself. Where it goes on
/// for <see cref="MostRefused"/> waits, it is reported once.</remarks>
internal static class RefusedWait
{
    /// <summary>Refused waits of one task or block, by its scope, until it is reported: more than code that cleans up has use for.</summary>
    public const int MostRefused = 10_000;

    private static readonly Action<object?> s_endSleep = static sleep => ((RefusedSleep)sleep!).Refuse();

    /// <summary>A wait that ends as cancelled: in the loop's next turn, or at once off a loop.</summary>
    /// <param name="by">The token to name.</param>
    public static ValueTask Cancel(CancellationToken by)
    {
        if (LoopCore.Current is not { } loop) return ValueTask.FromCanceled(by);
        Count(loop);
        var sleep = new RefusedSleep(loop, by);
        loop.Post(s_endSleep, sleep);
        return new ValueTask(sleep, 0);
    }

    /// <inheritdoc cref="Cancel(CancellationToken)"/>
    /// <typeparam name="T">The type of what was waited for.</typeparam>
    public static ValueTask<T> Cancel<T>(CancellationToken by) =>
        LoopCore.Current is null ? ValueTask.FromCanceled<T>(by) : new ValueTask<T>(CancelInTurnAsync<T>(by));

    /// <summary>Counts a wait that the scope around the code at hand refuses, and reports the code where it was one too many. On the loop's thread.</summary>
    public static void Count(LoopCore loop)
    {
        if (AmbientFrame.Current is { Scope.IsCancellationRequested: true } frame && frame.CountRefusal() == MostRefused) Report(loop);
    }

    private static async Task<T> CancelInTurnAsync<T>(CancellationToken by)
    {
        await Cancel(by).ConfigureAwait(true);
        throw new UnreachableException("A refused wait ended well.");
    }

    private static void Report(LoopCore loop)
    {
        string code = CodeAtHand();
        loop.Owner.Report(
            FailureSource.IgnoredCancellation, RunningTask.Current?.Id ?? 0, code,
            new InvalidOperationException(
                $"{code} goes on although its scope was cancelled: {MostRefused.ToString("N0", CultureInfo.InvariantCulture)} of its waits have been refused. It catches the " +
                "OperationCanceledException of each and waits again. Let that exception pass, or leave the loop when CancelScope.Current is cancelled; what must still wait " +
                $"belongs in {nameof(CancelScope)}.{nameof(CancelScope.ShieldAsync)}."));
    }

    /// <summary>The user's method that waits, with its line where there are symbols.</summary>
    private static string CodeAtHand()
    {
        foreach (var frame in new StackTrace(fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetMethod() is not { DeclaringType: { } owner } method || owner.Assembly == typeof(RefusedWait).Assembly || owner.Assembly == typeof(object).Assembly) continue;
            string name = typeof(IAsyncStateMachine).IsAssignableFrom(owner) ? CallbackOrigin.NameOf(owner) : CallbackOrigin.OfMethod(method);
            return frame.GetFileName() is { } file ? string.Create(CultureInfo.InvariantCulture, $"{name} ({Path.GetFileName(file)}:{frame.GetFileLineNumber()})") : name;
        }

        return "code of the loop";
    }

    private sealed class RefusedSleep(LoopCore loop, CancellationToken by) : LoopSleep(loop, obeysRoot: false)
    {
        protected override CancellationToken CanceledBy => by;

        public void Refuse() => EndCanceled();
    }
}
