using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Samovar;

/// <summary>The outcome of one of several tasks: its result or its error. <see cref="Outcome{T, TResult}"/> also has the item of a
/// map.</summary>
/// <typeparam name="T">The type of the result.</typeparam>
public readonly struct Outcome<T> : IEquatable<Outcome<T>>
{
    private readonly T _value;

    private Outcome(long index, T value, Exception? error)
    {
        LongIndex = index;
        _value = value;
        Error = error;
    }

    /// <summary>Gets the item's position in the source, counted from 0.</summary>
    /// <exception cref="OverflowException">The position is larger than <see cref="int.MaxValue"/>; use <see cref="LongIndex"/>.</exception>
    public int Index => checked((int)LongIndex);

    /// <summary>Gets the item's position in the source, counted from 0, for sources of more than <see cref="int.MaxValue"/>
    /// items.</summary>
    public long LongIndex { get; }

    /// <summary>Gets the error; null if the item succeeded, an <see cref="OperationCanceledException"/> if it was cancelled.</summary>
    public Exception? Error { get; }

    /// <summary>Gets whether the item succeeded, so that <see cref="Value"/> is available.</summary>
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsSuccess => Error is null;

    /// <summary>Gets the result.</summary>
    /// <exception cref="Exception">The item failed; the exception is its own error, with the stack trace of where it was
    /// thrown.</exception>
    public T Value
    {
        get
        {
            if (Error is not null) ExceptionDispatchInfo.Throw(Error);
            return _value;
        }
    }

    /// <summary>Creates the outcome of an item that succeeded.</summary>
    /// <param name="index">The item's position in the source, counted from 0.</param>
    /// <param name="value">The result.</param>
    /// <returns>The outcome.</returns>
    public static Outcome<T> Success(long index, T value) => new(index, value, null);

    /// <summary>Creates the outcome of an item that failed.</summary>
    /// <param name="index">The item's position in the source, counted from 0.</param>
    /// <param name="error">The error.</param>
    /// <returns>The outcome.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="error"/> is null.</exception>
    public static Outcome<T> Failure(long index, Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return new(index, default!, error);
    }

    /// <summary>Returns the result, or <paramref name="fallback"/> if the item failed.</summary>
    /// <param name="fallback">The value to return for a failed item.</param>
    /// <returns>The result or the fallback.</returns>
    public T ValueOr(T fallback) => IsSuccess ? _value : fallback;

    /// <summary>Deconstructs the outcome, as in <c>var (value, error) = outcome</c>.</summary>
    /// <param name="value">The result; the default value of <typeparamref name="T"/> if the item failed.</param>
    /// <param name="error">The error; null if the item succeeded.</param>
    public void Deconstruct(out T? value, out Exception? error)
    {
        value = _value;
        error = Error;
    }

    /// <inheritdoc/>
    public bool Equals(Outcome<T> other) =>
        LongIndex == other.LongIndex && ReferenceEquals(Error, other.Error) && EqualityComparer<T>.Default.Equals(_value, other._value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Outcome<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(LongIndex, Error, _value);

    /// <summary>Returns whether two outcomes belong to the same item and have the same result or error.</summary>
    public static bool operator ==(Outcome<T> left, Outcome<T> right) => left.Equals(right);

    /// <summary>Returns whether two outcomes differ.</summary>
    public static bool operator !=(Outcome<T> left, Outcome<T> right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => IsSuccess ? $"#{LongIndex}: {_value}" : $"#{LongIndex}: {Error.GetType().Name}: {Error.Message}";
}
