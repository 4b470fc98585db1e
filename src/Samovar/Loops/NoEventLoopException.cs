using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Code that is on no event loop asked for something that only a loop can do: it was never on one, or has left it by <c>ConfigureAwait(false)</c>.</summary>
/// <remarks>No repetition changes that, so a task that ends with it is not tried again, unless <see cref="RetryPolicy.RetryOn"/> asks for it.</remarks>
public sealed class NoEventLoopException : InvalidOperationException, IUnrepeatable
{
    /// <summary>Makes an error without particulars.</summary>
    public NoEventLoopException()
        : this("There is no event loop here.")
    {
    }

    /// <summary>Makes an error.</summary>
    public NoEventLoopException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an error with a cause.</summary>
    public NoEventLoopException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
