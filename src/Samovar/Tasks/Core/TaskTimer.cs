namespace Samovar.Tasks.Core;

/// <summary>The action of a task's timer, and the attempt it belongs to.</summary>
internal sealed class TaskTimer(Future future, Action<Future, int> elapsed, int attempt)
{
    public static readonly TimerCallback Elapsed = static state => ((TaskTimer)state!).Ring();

    private void Ring() => elapsed(future, attempt);
}
