namespace Samovar;

/// <summary>The exception that is thrown when the initializer of a worker has failed, so that the executor cannot run any more tasks.
/// <see cref="Exception.InnerException"/> is the initializer's own error.</summary>
public sealed class WorkerInitializationException : InvalidOperationException
{
    /// <summary>Initializes a new instance.</summary>
    /// <param name="executor">The executor's name.</param>
    /// <param name="worker">The worker's name.</param>
    /// <param name="error">The error that the initializer threw.</param>
    public WorkerInitializationException(string executor, string worker, Exception error)
        : base(
            $"The initializer of worker '{worker}' of '{executor}' failed, so all its queued and later tasks fail. " +
            $"Create a new executor. The error was {Text(error)}", error)
    {
        Executor = executor;
        Worker = worker;
    }

    /// <summary>Gets the executor's name.</summary>
    public string Executor { get; }

    /// <summary>Gets the worker's name.</summary>
    public string Worker { get; }

    private static string Text(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return $"{error.GetType().Name}: {error.Message}";
    }
}
