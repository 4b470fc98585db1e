using Samovar.Cli.Map.Methods;

namespace Samovar.Cli.Map.Inputs;

/// <summary>A source of items. It is read once, by one thread.</summary>
internal abstract class ItemInput
{
    /// <summary>Gets the display name: <c>words.txt</c>, <c>standard input</c>, <c>src/**</c>.</summary>
    public abstract string Name { get; }

    public virtual ItemFormat Form => ItemFormat.Text;

    /// <summary>Gets whether an item is identified by its text, which is unique, instead of its number. Finished items then stay finished when
    /// others are added or removed.</summary>
    public virtual bool IsKnownByText => false;

    /// <summary>Gets the number of items; null if it is not known in advance.</summary>
    public virtual long? Count => null;

    /// <summary>Gets the fraction of the input that has been read, from 0 to 1; null if its size is not known. Thread-safe.</summary>
    public virtual double? Fraction => null;

    /// <summary>Gets matches that cannot be items, each with the reason.</summary>
    public virtual IReadOnlyList<string> LeftOut => [];

    /// <summary>Reads the items, numbered from 1.</summary>
    /// <exception cref="IOException">The input cannot be read further.</exception>
    public abstract IEnumerable<InputItem> Read();
}
