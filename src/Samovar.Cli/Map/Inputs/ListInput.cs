namespace Samovar.Cli.Map.Inputs;

/// <summary>Items that are all there at once: arguments, or files that were found.</summary>
/// <param name="name">For people.</param>
/// <param name="items">The items.</param>
/// <param name="isKnownByText">As <see cref="IsKnownByText"/>.</param>
/// <param name="leftOut">What was meant and cannot be an item.</param>
internal sealed class ListInput(string name, IReadOnlyList<string> items, bool isKnownByText = false, IReadOnlyList<string>? leftOut = null) : ItemInput
{
    public override IReadOnlyList<string> LeftOut => leftOut ?? [];

    public override string Name => name;

    public override bool IsKnownByText => isKnownByText;

    public override long? Count => items.Count;

    public override IEnumerable<InputItem> Read() => items.Select((text, index) => new InputItem(index + 1, text));
}
