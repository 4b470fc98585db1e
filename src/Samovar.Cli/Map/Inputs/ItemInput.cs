using Samovar.Cli.Map.Methods;

namespace Samovar.Cli.Map.Inputs;

/// <summary>Where items come from. Read once, by one thread.</summary>
internal abstract class ItemInput
{
    /// <summary>For people: <c>words.txt</c>, <c>standard input</c>, <c>src/**</c>.</summary>
    public abstract string Name { get; }

    public virtual ItemFormat Form => ItemFormat.Text;

    /// <summary>Whether an item is known by its text, which no other has, and not by its number: what is done stays done when others come or go.</summary>
    public virtual bool IsKnownByText => false;

    /// <summary>How many there are, where that is known beforehand.</summary>
    public virtual long? Count => null;

    /// <summary>How much of it has been read, from 0 to 1, where the count is not known but the size is. Safe for any thread.</summary>
    public virtual double? Fraction => null;

    /// <summary>What was meant and cannot be an item, each with its reason.</summary>
    public virtual IReadOnlyList<string> LeftOut => [];

    /// <summary>The items, numbered from 1.</summary>
    /// <exception cref="IOException">It cannot be read on.</exception>
    public abstract IEnumerable<InputItem> Read();
}
