namespace Samovar.Tasks.Core;

/// <summary>The token source of one attempt: what stops that attempt must not stop the next.</summary>
internal sealed class AttemptTokenSource(int attempt) : CancellationTokenSource
{
    public int Attempt => attempt;
}
