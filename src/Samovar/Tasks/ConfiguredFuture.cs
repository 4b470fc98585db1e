namespace Samovar;

/// <summary>A <see cref="Future"/> whose <c>await</c> continues where <see cref="Future.ConfigureAwait"/> said.</summary>
public readonly struct ConfiguredFuture
{
    private readonly FutureAwaiter _awaiter;

    internal ConfiguredFuture(Future future, bool captureContext) => _awaiter = new(future, captureContext);

    /// <summary>Gives the awaiter.</summary>
    public FutureAwaiter GetAwaiter() => _awaiter;
}
