namespace Samovar.Tests.Contract;

/// <summary>How a promise wants its executor built.</summary>
public sealed record ContractOptions
{
    public int Workers { get; init; } = 1;

    public string? Name { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ResourceAmounts Resources { get; init; } = [];

    /// <summary>The hook of exiting workers, for executors with <see cref="Capabilities.RunsExitHooks"/>.</summary>
    public Func<object?>? ExitHook { get; init; }

    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(1);
}
