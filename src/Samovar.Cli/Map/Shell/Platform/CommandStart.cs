namespace Samovar.Cli.Map.Shell.Platform;

/// <summary>A command to be run.</summary>
/// <param name="Words">The program and its arguments.</param>
/// <param name="Program">The path of the program.</param>
/// <param name="Timeout">The time after which it is killed; null for no limit.</param>
/// <param name="Nice">What is added to its niceness.</param>
internal sealed record CommandStart(string[] Words, string Program, TimeSpan? Timeout, int Nice)
{
    /// <summary>The time between SIGTERM and SIGKILL.</summary>
    public static TimeSpan Grace { get; } = TimeSpan.FromSeconds(2);
}

/// <summary>How a command exited.</summary>
/// <param name="ExitCode">The exit code; null if a signal killed it.</param>
/// <param name="Signal">The signal that killed it; null for none.</param>
/// <param name="TimedOut">Whether it was terminated at its time limit.</param>
internal readonly record struct CommandEnd(int? ExitCode, int? Signal, bool TimedOut);

/// <summary>A command could not be started.</summary>
/// <param name="message">Why, phrased to follow "failed:".</param>
/// <param name="cannotRun">Whether the program does not exist or cannot be executed.</param>
internal sealed class CommandStartException(string message, bool cannotRun) : Exception(message)
{
    public bool CannotRun => cannotRun;
}
