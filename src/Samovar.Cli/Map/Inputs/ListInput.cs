namespace Samovar.Cli.Map.Inputs;

/// <summary>Items that are all there at once: arguments, or files that were found.</summary>
internal sealed class ListInput(string name, IReadOnlyList<string> items) : ItemInput
{
    public override string Name => name;

    public override long? Count => items.Count;

    public override IEnumerable<InputItem> Read() => items.Select((text, index) => new InputItem(index + 1, text));
}
