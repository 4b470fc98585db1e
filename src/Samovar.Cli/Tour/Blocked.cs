namespace Samovar.Cli.Tour;

/// <summary>Work that keeps its thread waiting, as a disk, a kettle or a slow server does.</summary>
internal static class Blocked
{
    public static void For(TimeSpan time)
    {
#pragma warning disable RS0030 // nothing is waited for here: the lesson is what a blocked thread costs
        Thread.Sleep(time);
#pragma warning restore RS0030
    }
}
