namespace Samovar.Testing;

/// <summary>Code let others run where it must not, or did not where it must: see <see cref="LoopTesting"/>.</summary>
public sealed class CheckpointException : Exception
{
    /// <summary>Makes an error without particulars.</summary>
    public CheckpointException()
        : this("Code did not let others run as it should.")
    {
    }

    /// <summary>Makes an error.</summary>
    public CheckpointException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an error with a cause.</summary>
    public CheckpointException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
