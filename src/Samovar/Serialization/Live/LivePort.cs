namespace Samovar.Serialization;

/// <summary>Represents one end of a two-way connection between a live value and the process that it came from.</summary>
/// <remarks>Safe for any thread.</remarks>
public abstract class LivePort : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private bool _closed;

    /// <summary>Gets the id that identifies the port on its channel; both ends have the same id.</summary>
    public abstract long Id { get; }

    /// <summary>
    /// Sends one message to the other end without waiting for it to be handled. A message that is sent before the other end has connected is
    /// kept for it; a message to an end that is closed is dropped without an error.
    /// </summary>
    /// <param name="message">The message: null, or any value that can travel.</param>
    /// <exception cref="UnshippableException">The message cannot travel.</exception>
    public abstract void Send(object? message);

    /// <summary>Adds a resource that is disposed together with this end, such as the registration that feeds the port. If this end is already
    /// closed, the resource is disposed immediately.</summary>
    /// <param name="resource">The resource.</param>
    /// <exception cref="ArgumentNullException"><paramref name="resource"/> is null.</exception>
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

    /// <summary>Closes this end and disposes the resources that it owns. Further calls do nothing.</summary>
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

    /// <summary>Closes this end. Called once, before the owned resources are disposed.</summary>
    protected abstract void Close();
}
