namespace Samovar.Tasks.Core;

/// <summary>A wait to enter a lock that may be held by a method that awaits exactly this wait, and so could never release the
/// lock.</summary>
/// <remarks>That is certain only if a suspended method has the lease in a variable that it disposes when it returns, as with
/// <see langword="using"/>, and awaits this wait, directly or through other calls. A flag or an <see cref="AsyncLocal{T}"/> would not be
/// enough: a method that is started under the lock, and enters the lock after its starter has left it, looks the same.</remarks>
internal abstract class SelfWait
{
    /// <summary>The task that would be awaited.</summary>
    public abstract Task Wait { get; }

    /// <summary>Whether this value of a variable is a lease of the requested lock.</summary>
    public abstract bool IsHold(object value);

    /// <summary>Called when methods that await this wait have leases in their variables and dispose them when they return. Fails the wait
    /// with an error if it could otherwise never complete.</summary>
    /// <param name="holds">The values for which <see cref="IsHold"/> returned true.</param>
    /// <param name="methods">A description of which method holds the lock and which one waits.</param>
    public abstract void Found(IReadOnlyCollection<object> holds, string methods);

    /// <summary>Creates the error of the refused wait.</summary>
    /// <param name="what">The lock that is waited for, with its name.</param>
    /// <param name="methods">As for <see cref="Found"/>.</param>
    protected static LockRecursionException Refusal(string what, string methods) => new(
        $"{what} cannot be entered again by its holder: {methods}. The wait would deadlock, because no other code can release it. " +
        "Dispose the lease first, or enter once and call the code that needs it inside.");
}
