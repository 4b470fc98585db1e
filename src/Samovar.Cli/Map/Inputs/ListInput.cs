namespace Samovar.Cli.Map.Inputs;

/// <summary>A list of items that is known in advance: arguments, or files that were found.</summary>
/// <param name="name">The display name.</param>
/// <param name="items">The items.</param>
/// <param name="isKnownByText">See <see cref="IsKnownByText"/>.</param>
/// <param name="leftOut">Matches that cannot be items.</param>
internal sealed class ListInput(string name, IReadOnlyList<string> items, bool isKnownByText = false, IReadOnlyList<string>? leftOut = null) : ItemInput
{
    public override IReadOnlyList<string> LeftOut => leftOut ?? [];

    public override string Name => name;

    public override bool IsKnownByText => isKnownByText;

    public override long? Count => items.Count;

    public override IEnumerable<InputItem> Read() => items.Select((text, index) => new InputItem(index + 1, text));
}
