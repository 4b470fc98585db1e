namespace Samovar;

/// <summary>A <see cref="Future{T}"/> whose <c>await</c> continues where <see cref="Future{T}.ConfigureAwait"/> specified.</summary>
/// <typeparam name="T">The type of the result.</typeparam>
public readonly struct ConfiguredFuture<T>
{
    private readonly FutureAwaiter<T> _awaiter;

    internal ConfiguredFuture(Future<T> future, bool captureContext) => _awaiter = new(future, captureContext);

    /// <summary>Returns the awaiter. Intended for compiler use.</summary>
    /// <returns>The awaiter.</returns>
    public FutureAwaiter<T> GetAwaiter() => _awaiter;
}
