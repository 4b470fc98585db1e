namespace Samovar.Ipc;

/// <summary>Who waits at a barrier waits in vain: it was aborted or reset, or a process that took part has ended.</summary>
public sealed class ProcessBarrierBrokenException : Exception
{
    /// <summary>With a message that says so.</summary>
    public ProcessBarrierBrokenException()
        : this("The barrier was aborted or reset, or a process that took part has ended. Reset it to begin anew.")
    {
    }

    /// <summary>With a message of its own.</summary>
    public ProcessBarrierBrokenException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and a cause.</summary>
    public ProcessBarrierBrokenException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
