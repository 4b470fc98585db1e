namespace Samovar.Serialization;

/// <summary>One end of a two-way line between a live value and the place it came from.</summary>
/// <remarks>Members are called from any thread.</remarks>
public abstract class LivePort : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private bool _closed;

    /// <summary>Names the port on this connection; both ends have the same.</summary>
    public abstract long Id { get; }

    /// <summary>
    /// Sends one message to the other end. Does not wait for it to be handled; what is sent before the other end has connected is kept for it,
    /// and what is sent to an end that is gone is dropped without an error.
    /// </summary>
    /// <param name="message">Anything that can be shipped.</param>
    /// <exception cref="UnshippableException">The message cannot travel.</exception>
    public abstract void Send(object? message);

    /// <summary>Disposes a resource together with this end, such as the registration that feeds the port; at once if the end is closed already.</summary>
    /// <param name="resource">The resource.</param>
    public void Own(IDisposable resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        lock (_owned)
        {
            if (!_closed)
            {
                _owned.Add(resource);
                return;
            }
        }

        resource.Dispose();
    }

    /// <summary>Closes this end and disposes what it owns. Further calls do nothing.</summary>
    public void Dispose()
    {
        IDisposable[] owned;
        lock (_owned)
        {
            if (_closed) return;
            _closed = true;
            owned = [.. _owned];
            _owned.Clear();
        }

        Close();
        foreach (var resource in owned) resource.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes this end; called once.</summary>
    protected abstract void Close();
}
