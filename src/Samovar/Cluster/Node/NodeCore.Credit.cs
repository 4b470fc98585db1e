using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Node;

/// <content>Changes of the credit while the node runs.</content>
internal sealed partial class NodeCore
{
    private Task _credit = Task.CompletedTask; // gate: the last change

    /// <summary>Changes how many messages the broker sends ahead, unless the node leaves.</summary>
    public void SetCredit(int credit)
    {
        lock (_gate)
        {
            if (_state == NodeState.Accepting) _credit = SetCreditAsync(_credit, credit);
        }
    }

    private async Task SetCreditAsync(Task before, int credit)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing); // the caller holds the gate
        try
        {
            await Connection.SetCreditAsync(credit, _ending.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or ClusterConnectionException)
        {
            // The node has left, or its connection has ended.
        }
    }
}
