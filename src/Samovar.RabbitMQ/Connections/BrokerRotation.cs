namespace Samovar.RabbitMQ.Connections;

/// <summary>The broker that a connection tries next: at first a random one, so that members spread over the brokers; after that the one behind the
/// broker whose session has failed, because that one may not answer. Not thread-safe: the attempts of a connection follow one another.</summary>
internal sealed class BrokerRotation(BrokerAddresses addresses)
{
    private int _next = Random.Shared.Next(addresses.All.Count);

    /// <summary>Opens a session at the first broker that accepts it.</summary>
    /// <param name="open">Opens one at a broker.</param>
    /// <param name="cancellationToken">Cancels the attempts.</param>
    /// <exception cref="ClusterConnectionException">No broker accepts it.</exception>
    public async Task<T> OpenAsync<T>(Func<BrokerAddress, Task<T>> open, CancellationToken cancellationToken)
    {
        List<ClusterConnectionException> failures = [];
        for (int first = _next, tried = 0; tried < addresses.All.Count; tried++)
        {
            int current = (first + tried) % addresses.All.Count;
            try
            {
                T opened = await open(addresses.All[current]).ConfigureAwait(false);
                _next = (current + 1) % addresses.All.Count;
                return opened;
            }
            catch (Exception error)
            {
                cancellationToken.ThrowIfCancellationRequested();
                failures.Add(ConnectErrors.Describe(error, addresses.All[current]));
            }
        }

        throw ConnectErrors.DescribeAll(failures);
    }
}
