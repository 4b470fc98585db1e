using Samovar.Loops.Scopes;

namespace Samovar.Loops.Scheduling;

/// <summary>The ambient frame of submitted asynchronous work: a scope that is cancelled with its future, created on first use.</summary>
internal sealed class FutureFrame(Future future) : AmbientFrame(null, null)
{
    private CancelScope? _scope;

    public override CancelScope? Scope
    {
        get
        {
            if (Volatile.Read(ref _scope) is { } scope) return scope;
            var fresh = new CancelScope(parent: null, CancelScope.ClockHere);
            if (Interlocked.CompareExchange(ref _scope, fresh, null) is { } other) return other;
            fresh.Obey(future.GetToken()); // the token and its registration belong to the attempt
            return fresh;
        }
    }
}
