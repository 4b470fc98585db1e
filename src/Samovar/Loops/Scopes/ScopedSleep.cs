using Samovar.Loops.Core;

namespace Samovar.Loops.Scopes;

/// <summary>A sleep under a scope that was made on the same loop: the scope finds it in a list of its own, so that no token has to be listened to. The list
/// belongs to the loop's thread.</summary>
internal sealed class ScopedSleep(LoopCore loop, CancelScope scope) : LoopSleep(loop, obeysRoot: false)
{
    /// <summary>Its neighbours in the scope's list.</summary>
    public ScopedSleep? Next { get; set; }

    /// <inheritdoc cref="Next"/>
    public ScopedSleep? Previous { get; set; }

    protected override CancellationToken CanceledBy => scope.Token;

    protected override void Ended() => scope.Remove(this);
}
