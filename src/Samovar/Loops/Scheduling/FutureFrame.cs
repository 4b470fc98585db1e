using Samovar.Loops.Scopes;

namespace Samovar.Loops.Scheduling;

/// <summary>What submitted asynchronous work stands in: a scope that is cancelled with its future. Made when somebody asks.</summary>
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
            fresh.Obey(future.GetToken()); // the token and its registration go with the attempt
            return fresh;
        }
    }
}
