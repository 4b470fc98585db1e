using System.Threading.Channels;

namespace Samovar.RabbitMQ.Primitives;

/// <summary>Wakes one waiter. Signals before it waits count as one.</summary>
internal sealed class WakeSignal
{
    private readonly Channel<bool> _pending = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => _pending.Writer.TryWrite(true);

    public async ValueTask WaitAsync(CancellationToken cancellationToken) => await _pending.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
}
