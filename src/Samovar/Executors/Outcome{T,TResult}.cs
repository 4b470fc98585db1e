using System.Diagnostics.CodeAnalysis;

namespace Samovar;

/// <summary>The outcome of one item of <c>MapOutcomes</c>: the item, and its result or its error.</summary>
/// <typeparam name="T">The type of the item.</typeparam>
/// <typeparam name="TResult">The type of the result.</typeparam>
public readonly struct Outcome<T, TResult> : IEquatable<Outcome<T, TResult>>
{
    private readonly Outcome<TResult> _outcome;

    internal Outcome(T input, in Outcome<TResult> outcome)
    {
        Input = input;
        _outcome = outcome;
    }

    /// <summary>Gets the item, as the source returned it.</summary>
    public T Input { get; }

    /// <inheritdoc cref="Outcome{T}.Index"/>
    public int Index => _outcome.Index;

    /// <inheritdoc cref="Outcome{T}.LongIndex"/>
    public long LongIndex => _outcome.LongIndex;

    /// <inheritdoc cref="Outcome{T}.Error"/>
    public Exception? Error => _outcome.Error;

    /// <inheritdoc cref="Outcome{T}.IsSuccess"/>
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsSuccess => Error is null;

    /// <inheritdoc cref="Outcome{T}.Value"/>
    public TResult Value => _outcome.Value;

    /// <inheritdoc cref="Outcome{T}.ValueOr"/>
    public TResult ValueOr(TResult fallback) => _outcome.ValueOr(fallback);

    /// <summary>Deconstructs the outcome, as in <c>var (input, value, error) = outcome</c>.</summary>
    /// <param name="input">The item.</param>
    /// <param name="value">The result; the default value of <typeparamref name="TResult"/> if the item failed.</param>
    /// <param name="error">The error; null if the item succeeded.</param>
    public void Deconstruct(out T input, out TResult? value, out Exception? error)
    {
        input = Input;
        (value, error) = _outcome;
    }

    /// <inheritdoc/>
    public bool Equals(Outcome<T, TResult> other) => _outcome == other._outcome && EqualityComparer<T>.Default.Equals(Input, other.Input);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Outcome<T, TResult> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_outcome, Input);

    /// <summary>Returns whether two outcomes belong to the same item and have the same result or error.</summary>
    public static bool operator ==(Outcome<T, TResult> left, Outcome<T, TResult> right) => left.Equals(right);

    /// <summary>Returns whether two outcomes differ.</summary>
    public static bool operator !=(Outcome<T, TResult> left, Outcome<T, TResult> right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => _outcome.ToString();
}
