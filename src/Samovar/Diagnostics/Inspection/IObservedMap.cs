namespace Samovar.Diagnostics.Inspection;

/// <summary>A running map, from the point of view of an observer.</summary>
internal interface IObservedMap
{
    /// <summary>Returns what the map has done. May be called on any thread, but under no lock of the executor.</summary>
    /// <param name="number">The map's number.</param>
    MapActivity Capture(long number);
}
