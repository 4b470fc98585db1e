namespace Samovar.Primitives;

/// <summary>The result type of work that returns no result.</summary>
internal readonly record struct NoResult;
