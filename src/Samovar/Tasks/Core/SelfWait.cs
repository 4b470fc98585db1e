namespace Samovar.Tasks.Core;

/// <summary>Someone waits to enter what may be held by a method that awaits exactly this wait, and so could never leave it.</summary>
/// <remarks>That is certain only where a suspended method has the lease in a variable that it disposes of at its end, as with <see langword="using"/>, and awaits, over
/// however many calls, this wait. A flag or an <see cref="AsyncLocal{T}"/> would not do: a method that is started under the lock, and enters it when its starter has left, looks
/// the same.</remarks>
internal abstract class SelfWait
{
    /// <summary>What would be awaited.</summary>
    public abstract Task Wait { get; }

    /// <summary>Whether this value of a variable holds what is waited for.</summary>
    public abstract bool IsHold(object value);

    /// <summary>Methods that await this wait have these in their variables, and dispose of them at their end. The wait is ended with an error, if that means that it would never end.</summary>
    /// <param name="holds">What <see cref="IsHold"/> said yes to.</param>
    /// <param name="methods">Which method holds it and which one waits, in words.</param>
    public abstract void Found(IReadOnlyCollection<object> holds, string methods);

    /// <summary>What the one who waits is told.</summary>
    /// <param name="what">What is waited for, with its name.</param>
    /// <param name="methods">As for <see cref="Found"/>.</param>
    protected static LockRecursionException Refusal(string what, string methods) => new(
        $"{what} cannot be entered again by its holder: {methods}. No other code could let it in. Dispose the lease first, or enter once and call what needs it inside.");
}
