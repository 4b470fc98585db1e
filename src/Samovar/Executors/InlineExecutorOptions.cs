namespace Samovar;

/// <summary>The options of an <see cref="InlineExecutor"/>. Immutable.</summary>
public sealed record InlineExecutorOptions : ExecutorOptions;
