using Samovar;

namespace Example;

internal sealed class Violations(ProcessExecutor pool)
{
    private readonly int _limit = 3;

    public void CaptureCannotTravel(StreamReader reader) =>
        _ = pool.Submit(() => reader.ReadLine());

    public int LostWrite()
    {
        var count = 0;
        _ = pool.Submit(() => { count++; });
        return count;
    }

    public void CapturedThis() =>
        _ = pool.Submit(() => _limit);

    public void UnobservedFuture() =>
        pool.Submit(() => 1);

    public void SystemClockOnLoop() =>
        EventLoop.Run(() => Task.Delay(1));
}
