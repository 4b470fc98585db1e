namespace Samovar;

/// <summary>A <see cref="Future{T}"/> whose <c>await</c> continues where <see cref="Future{T}.ConfigureAwait"/> said.</summary>
/// <typeparam name="T">The type of the result.</typeparam>
public readonly struct ConfiguredFuture<T>
{
    private readonly FutureAwaiter<T> _awaiter;

    internal ConfiguredFuture(Future<T> future, bool captureContext) => _awaiter = new(future, captureContext);

    /// <summary>Gives the awaiter.</summary>
    public FutureAwaiter<T> GetAwaiter() => _awaiter;
}
