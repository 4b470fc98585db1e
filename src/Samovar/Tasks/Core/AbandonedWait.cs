namespace Samovar.Tasks.Core;

/// <summary>The end of a wait for a condition whose lease was disposed of meanwhile. Its caller has left it, most often by a limit around the wait, and will not look at its error.</summary>
internal static class AbandonedWait
{
    private const string Words = "The lease was disposed of while it waited for the condition: its lock was not entered again, or was left at once.";

    public static SynchronizationLockException Error() => new(Words);

    /// <summary>Whether an error is one of these. They differ from others of their type in nothing but the text.</summary>
    public static bool IsErrorOf(Exception error) => error is SynchronizationLockException && ReferenceEquals(error.Message, Words);
}
