namespace Samovar;

/// <summary>A barrier is broken: it was aborted, reset while some waited, or, between processes, a process that took part has ended.</summary>
/// <remarks>The same for barriers of a loop and barriers between processes.</remarks>
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
