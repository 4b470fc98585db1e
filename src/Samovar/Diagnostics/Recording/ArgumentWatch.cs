namespace Samovar.Diagnostics.Recording;

/// <summary>Whether previews of the arguments of tasks are recorded: while a watcher is connected that shows them.</summary>
internal static class ArgumentWatch
{
    private static int s_watchers;

    public static bool IsOn => Volatile.Read(ref s_watchers) != 0;

    public static void Watch() => Interlocked.Increment(ref s_watchers);

    public static void Unwatch() => Interlocked.Decrement(ref s_watchers);
}
