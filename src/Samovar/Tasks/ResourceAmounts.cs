using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Samovar;

/// <summary>Amounts of named resources: what an executor has (<see cref="ExecutorOptions.Resources"/>), or what a task needs while it runs
/// (<see cref="TaskOptions.Requires"/>).</summary>
/// <remarks>
/// <para>A name is any text, compared ordinally; a resource that is not listed has the amount 0. An amount is a number of units that only the program
/// knows, such as processors, bytes or licences. It is kept in ten-thousandths: a whole number is exact, and a fraction is rounded to the nearest
/// ten-thousandth.</para>
/// <para>Equality compares the content. The first executor or task that uses the amounts makes them read-only; until then, one thread may change
/// them.</para>
/// </remarks>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "The amounts are the subject; that they can be enumerated is not.")]
public sealed class ResourceAmounts : IReadOnlyCollection<KeyValuePair<string, double>>, IEquatable<ResourceAmounts>
{
    /// <summary>The largest amount, 900 trillion.</summary>
    public const double LargestAmount = 900e12;

    private const int LongestName = 64; // so that the resources of a task always fit into a message

    internal const long UnitsOfOne = 10_000;

    private readonly SortedList<string, long> _units = new(StringComparer.Ordinal);
    private bool _isFrozen;

    /// <summary>Gets the number of resources.</summary>
    public int Count => _units.Count;

    /// <summary>Gets or sets the amount of a resource. A resource that is not listed has 0.</summary>
    /// <param name="name">The name of the resource.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty, longer than 64 characters, or has control characters.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The amount is less than 0.0001, greater than <see cref="LargestAmount"/>, or NaN.</exception>
    /// <exception cref="InvalidOperationException">The amounts are in use by an executor or a task.</exception>
    public double this[string name]
    {
        get => AmountOf(_units.GetValueOrDefault(name));
        set => Set(name, value);
    }

    /// <summary>Adds a resource.</summary>
    /// <param name="name">The name of the resource.</param>
    /// <param name="amount">The amount, from 0.0001 to <see cref="LargestAmount"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty, longer than 64 characters, has control characters, or is listed already.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="amount"/> is out of range or NaN.</exception>
    /// <exception cref="InvalidOperationException">The amounts are in use by an executor or a task.</exception>
    public void Add(string name, double amount)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (_units.TryGetValue(name, out long listed)) throw new ArgumentException($"The resource '{name}' is listed already, with {Text(listed)}.", nameof(name));
        Set(name, amount);
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, double>> GetEnumerator()
    {
        foreach (var (name, units) in _units) yield return new(name, AmountOf(units));
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(ResourceAmounts? other) => other is not null && _units.SequenceEqual(other._units);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ResourceAmounts);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var (name, units) in _units)
        {
            hash.Add(name, StringComparer.Ordinal);
            hash.Add(units);
        }

        return hash.ToHashCode();
    }

    /// <summary>Returns the names and amounts, as in <c>gpu 1, memory 2147483648</c>.</summary>
    /// <returns>The text; <c>none</c> without resources.</returns>
    public override string ToString() => Count == 0 ? "none" : string.Join(", ", _units.Select(static one => $"{one.Key} {Text(one.Value)}"));

    /// <summary>The names, in ordinal order, with the amounts in ten-thousandths.</summary>
    internal IList<KeyValuePair<string, long>> Units => [.. _units];

    /// <summary>Makes the amounts read-only.</summary>
    internal ResourceAmounts Freeze()
    {
        if (!Volatile.Read(ref _isFrozen)) Volatile.Write(ref _isFrozen, true);
        return this;
    }

    internal static double AmountOf(long units) => (units / UnitsOfOne) + ((double)(units % UnitsOfOne) / UnitsOfOne);

    internal static long UnitsFor(double amount)
    {
        double whole = Math.Floor(amount);
        return ((long)whole * UnitsOfOne) + (long)Math.Round((amount - whole) * UnitsOfOne);
    }

    internal static string Text(long units) => ((decimal)units / UnitsOfOne).ToString("0.####", CultureInfo.InvariantCulture);

    private void Set(string name, double amount)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Length > LongestName) throw new ArgumentException($"The name of a resource has {name.Length} characters; at most {LongestName} are possible.", nameof(name));
        if (name.Any(char.IsControl)) throw new ArgumentException("The name of a resource must not contain control characters.", nameof(name));
        if (Volatile.Read(ref _isFrozen))
            throw new InvalidOperationException($"The amount of '{name}' cannot be set: an executor or a task uses these amounts ({this}). Create others, for example with 'options with {{ Requires = new() {{ … }} }}'.");
        if (!(amount > 0 && amount <= LargestAmount)) throw Refusal(name, amount);
        long units = UnitsFor(amount);
        _units[name] = units > 0 ? units : throw Refusal(name, amount);
    }

    private static ArgumentOutOfRangeException Refusal(string name, double amount) => new(
        nameof(amount), amount, $"The amount of the resource '{name}' must be from 0.0001 to 900,000,000,000,000. Leave out a resource that is not needed.");
}
