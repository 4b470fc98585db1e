namespace Samovar;

/// <summary>A worker's initializer failed, so the executor can run nothing any more. The initializer's own error is the
/// <see cref="Exception.InnerException"/>.</summary>
public sealed class WorkerInitializationException : InvalidOperationException
{
    /// <summary>Creates the error.</summary>
    public WorkerInitializationException(string executor, string worker, Exception error)
        : base($"The initializer of worker '{worker}' of '{executor}' failed: {Text(error)} Queued and later work fails; build a new executor.", error)
    {
        Executor = executor;
        Worker = worker;
    }

    /// <summary>The executor's name.</summary>
    public string Executor { get; }

    /// <summary>The worker's name.</summary>
    public string Worker { get; }

    private static string Text(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return $"{error.GetType().Name}: {error.Message}";
    }
}
