using Samovar.Loops.Core;

namespace Samovar.Loops.Scopes;

/// <summary>A sleep that a token or a scope can cancel. Tokens are cancelled on any thread; the sleep completes on the loop's thread.</summary>
internal sealed class CancellableSleep(LoopCore loop, CancellationToken token, CancellationToken ofScope) : LoopSleep(loop, obeysRoot: false)
{
    private static readonly Action<object?> s_cancel = static sleep => ((CancellableSleep)sleep!).Cancel();
    private static readonly Action<object?> s_tripped = static sleep => ((CancellableSleep)sleep!).Tripped();

    private CancellationTokenRegistration _registration;
    private CancellationTokenRegistration _scopeRegistration;

    protected override CancellationToken CanceledBy => token.IsCancellationRequested || !ofScope.IsCancellationRequested ? token : ofScope;

    /// <summary>Registers with the tokens, once the sleep is armed.</summary>
    public void Listen()
    {
        _registration = token.UnsafeRegister(s_tripped, this);
        _scopeRegistration = ofScope.UnsafeRegister(s_tripped, this);
        if (!IsArmed) Ended(); // cancelled during the registration
    }

    protected override void Ended()
    {
        _registration.Unregister();
        _scopeRegistration.Unregister();
    }

    private void Tripped()
    {
        if (Loop.IsHere) Cancel();
        else Loop.PostOrForward(s_cancel, this);
    }
}
