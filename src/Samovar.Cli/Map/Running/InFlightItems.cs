using Samovar.Cli.Map.Inputs;

namespace Samovar.Cli.Map.Running;

/// <summary>The items that were read from the input and have not finished, by their position in the input. The input's thread adds items and the run
/// removes them; their number is bounded by the map's items in flight.</summary>
internal sealed class InFlightItems
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, InputItem> _items = [];
    private long _taken;

    public async IAsyncEnumerable<InputItem> Through(IAsyncEnumerable<InputItem> items)
    {
        await foreach (InputItem item in items)
        {
            lock (_gate) _items.Add(_taken++, item);
            yield return item;
        }
    }

    public InputItem Take(long place)
    {
        lock (_gate)
        {
            return _items.Remove(place, out InputItem item)
                ? item
                : throw new InvalidOperationException($"item at position {place} finished twice");
        }
    }
}
