namespace Samovar;

internal class Future
{
    public bool Cancel() => true;
}

internal sealed class Future<T> : Future;

internal abstract class Executor;

internal static class EventLoop
{
    public static void Run(Func<Task> main) => main();
}

internal sealed class ProcessExecutor : Executor
{
    private readonly List<Delegate> _submitted = [];

    public Future Submit(Action work)
    {
        _submitted.Add(work);
        return new();
    }

    public Future<T> Submit<T>(Func<T> work)
    {
        _submitted.Add(work);
        return new();
    }
}
