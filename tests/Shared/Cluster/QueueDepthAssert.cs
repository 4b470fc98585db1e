namespace Samovar.Tests.Cluster;

internal static class QueueDepthAssert
{
    /// <summary>Waits for the numbers: a broker may count a moment later than it confirms.</summary>
    public static async Task BecomesAsync(ClusterConnection member, ClusterQueueDepth expected)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (await member.GetQueueDepthAsync() is var depth && depth != expected)
        {
            if (TimeProvider.System.GetElapsedTime(began) > TestTimeout.Wait) depth.ShouldBe(expected);
            await TestTimer.PauseAsync(20);
        }
    }
}
