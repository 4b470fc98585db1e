namespace Samovar.Tasks.Core;

/// <summary>What a task's timer is to do, for which attempt.</summary>
internal sealed class TaskTimer(Future future, Action<Future, int> elapsed, int attempt)
{
    public static readonly TimerCallback Elapsed = static state => ((TaskTimer)state!).Ring();

    private void Ring() => elapsed(future, attempt);
}
