using Samovar.Loops.Core;

namespace Samovar.Loops.Scopes;

/// <summary>A sleep in a scope that was created on the same loop. The scope lists its sleeps, so no registration on a token is needed. The list
/// belongs to the loop's thread.</summary>
internal sealed class ScopedSleep(LoopCore loop, CancelScope scope) : LoopSleep(loop, obeysRoot: false)
{
    /// <summary>Link in the scope's list.</summary>
    public ScopedSleep? Next { get; set; }

    /// <inheritdoc cref="Next"/>
    public ScopedSleep? Previous { get; set; }

    protected override CancellationToken CanceledBy => scope.Token;

    protected override void Ended() => scope.Remove(this);
}
