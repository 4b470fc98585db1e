namespace Samovar;

/// <summary>A <see cref="Future"/> whose <c>await</c> continues where <see cref="Future.ConfigureAwait"/> specified.</summary>
public readonly struct ConfiguredFuture
{
    private readonly FutureAwaiter _awaiter;

    internal ConfiguredFuture(Future future, bool captureContext) => _awaiter = new(future, captureContext);

    /// <summary>Returns the awaiter. Intended for compiler use.</summary>
    /// <returns>The awaiter.</returns>
    public FutureAwaiter GetAwaiter() => _awaiter;
}
