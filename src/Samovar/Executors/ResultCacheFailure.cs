namespace Samovar;

/// <summary>Describes why a cache could not read or store a result. The call itself is not affected: its result is computed.</summary>
/// <param name="Message">What happened, to which cache, and what to do.</param>
/// <param name="Error">The error; null for a result that was damaged.</param>
public sealed record ResultCacheFailure(string Message, Exception? Error);
