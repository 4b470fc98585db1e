namespace Samovar.Executors.Mapping;

/// <summary>A run of a map, from the point of view of its <see cref="MapTally"/>.</summary>
internal interface IMapRun
{
    /// <summary>Returns how many items run at the moment. May be called on any thread, but under no lock of the executor.</summary>
    int CountRunning();
}
