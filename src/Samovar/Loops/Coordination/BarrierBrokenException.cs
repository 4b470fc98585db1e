namespace Samovar;

/// <summary>An <see cref="AsyncBarrier"/> is broken: not all will come.</summary>
public sealed class BarrierBrokenException : Exception
{
    /// <summary>Makes an error without particulars.</summary>
    public BarrierBrokenException()
        : this("The barrier is broken.")
    {
    }

    /// <summary>Makes an error.</summary>
    public BarrierBrokenException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an error with a cause.</summary>
    public BarrierBrokenException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
