using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Samovar;

/// <summary>What the exit hook of one worker returned, or why there is no result. Immutable.</summary>
/// <typeparam name="T">The type of the result.</typeparam>
public sealed class ExitResult<T>
{
    private readonly T _value;

    internal ExitResult(WorkerIdentity worker, T value, Exception? error)
    {
        Worker = worker;
        _value = value;
        Error = error;
    }

    /// <summary>Gets the worker that exited.</summary>
    public WorkerIdentity Worker { get; }

    /// <summary>Gets the error: what the hook threw, or an <see cref="ExitResultLostException"/> if the worker exited without a result; null if the
    /// hook returned.</summary>
    public Exception? Error { get; }

    /// <summary>Gets whether the hook returned, so that <see cref="Value"/> is available.</summary>
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsSuccess => Error is null;

    /// <summary>Gets whether the worker exited without a result: it was killed, it crashed, or its hook exceeded the time limit.</summary>
    public bool IsLost => Error is ExitResultLostException;

    /// <summary>Gets the result.</summary>
    /// <exception cref="Exception">There is no result; the exception is <see cref="Error"/>.</exception>
    public T Value
    {
        get
        {
            if (Error is not null) ExceptionDispatchInfo.Throw(Error);
            return _value;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => IsSuccess ? $"{Worker.Name}: {_value}" : $"{Worker.Name}: {Error.GetType().Name}: {Error.Message}";
}
