namespace Samovar.Tasks.Core;

/// <summary>The error of a wait for a condition whose lease was disposed in the meantime. The caller has abandoned the wait, usually
/// because of a timeout around it, and will not observe the error.</summary>
internal static class AbandonedWait
{
    private const string Words = "The lease was disposed while it waited for the condition. Its lock was not re-entered, or was released at once.";

    public static SynchronizationLockException Error() => new(Words);

    /// <summary>Whether an error was created by <see cref="Error"/>. Such errors differ from others of their type only in the
    /// message.</summary>
    public static bool IsErrorOf(Exception error) => error is SynchronizationLockException && ReferenceEquals(error.Message, Words);
}
