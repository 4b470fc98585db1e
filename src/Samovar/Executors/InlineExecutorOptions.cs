namespace Samovar;

/// <summary>How an <see cref="InlineExecutor"/> is built. Immutable.</summary>
public sealed record InlineExecutorOptions : ExecutorOptions;
