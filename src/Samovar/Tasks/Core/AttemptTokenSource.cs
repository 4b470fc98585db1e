namespace Samovar.Tasks.Core;

/// <summary>The token source of one attempt. Each attempt has its own, because cancelling one attempt must not cancel the next.</summary>
internal sealed class AttemptTokenSource(int attempt) : CancellationTokenSource
{
    public int Attempt => attempt;
}
