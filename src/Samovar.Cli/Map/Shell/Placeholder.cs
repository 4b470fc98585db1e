namespace Samovar.Cli.Map.Shell;

/// <summary>A placeholder in a command template, such as <c>{.}</c> or <c>{name/}</c>.</summary>
/// <param name="Text">The placeholder as it appears in the template.</param>
/// <param name="Kind">What it is replaced with.</param>
/// <param name="Part">The part of a path that is used.</param>
/// <param name="Column">The column or property; null for other kinds.</param>
internal sealed record Placeholder(string Text, PlaceholderKind Kind, PathPart Part = PathPart.Whole, string? Column = null)
{
    /// <summary>The placeholder for the whole item, which is appended to a template without one.</summary>
    public static Placeholder Item { get; } = new("{}", PlaceholderKind.Item);
}

/// <summary>What a placeholder is replaced with.</summary>
internal enum PlaceholderKind : byte
{
    /// <summary>The item's text.</summary>
    Item,

    /// <summary>A column of the item.</summary>
    Column,

    /// <summary>The number of the item.</summary>
    Number,

    /// <summary>The slot that runs the item: a number from 1 to --workers that no other running item has.</summary>
    Slot,
}
