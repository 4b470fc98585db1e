namespace Samovar.Diagnostics.Metering;

/// <summary>The figures of one member of a cluster that are read when a listener collects them.</summary>
/// <param name="Connection">The state of its connection, as an attribute has it; null if it has left.</param>
/// <param name="Accepting">How many nodes it knows that accept tasks; null if it counts no nodes.</param>
/// <param name="Draining">How many nodes it knows that leave; null if it counts no nodes.</param>
internal readonly record struct ClusterFigures(string? Connection, int? Accepting, int? Draining);
