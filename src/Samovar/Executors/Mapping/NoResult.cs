namespace Samovar.Executors.Mapping;

/// <summary>The result of an item whose work brings none.</summary>
internal readonly record struct NoResult;
