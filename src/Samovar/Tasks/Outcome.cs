using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Samovar;

/// <summary>What became of one task of several: its result or its error. <see cref="Outcome{T, TResult}"/> has the item of a map besides.</summary>
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

    /// <summary>The item's place in the source, from 0.</summary>
    /// <exception cref="OverflowException">It is larger than <see cref="int.MaxValue"/>; <see cref="LongIndex"/> has it.</exception>
    public int Index => checked((int)LongIndex);

    /// <summary>The item's place in the source, from 0, for sources of more than <see cref="int.MaxValue"/> items.</summary>
    public long LongIndex { get; }

    /// <summary>The error; null when the item succeeded. An <see cref="OperationCanceledException"/> when it was cancelled.</summary>
    public Exception? Error { get; }

    /// <summary>Whether there is a <see cref="Value"/>.</summary>
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsSuccess => Error is null;

    /// <summary>The result.</summary>
    /// <exception cref="Exception">The item failed: its own error, with the stack trace of where it was thrown.</exception>
    public T Value
    {
        get
        {
            if (Error is not null) ExceptionDispatchInfo.Throw(Error);
            return _value;
        }
    }

    /// <summary>An item that gave a result.</summary>
    public static Outcome<T> Success(long index, T value) => new(index, value, null);

    /// <summary>An item that failed.</summary>
    public static Outcome<T> Failure(long index, Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return new(index, default!, error);
    }

    /// <summary>The result, or <paramref name="fallback"/> when the item failed.</summary>
    public T ValueOr(T fallback) => IsSuccess ? _value : fallback;

    /// <summary>Takes it apart, as <c>var (value, error)</c>.</summary>
    /// <param name="value">The result; the type's default when the item failed.</param>
    /// <param name="error">The error; null when the item succeeded.</param>
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

    /// <summary>Whether both speak of the same item and say the same.</summary>
    public static bool operator ==(Outcome<T> left, Outcome<T> right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(Outcome<T> left, Outcome<T> right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => IsSuccess ? $"#{LongIndex}: {_value}" : $"#{LongIndex}: {Error.GetType().Name}: {Error.Message}";
}
