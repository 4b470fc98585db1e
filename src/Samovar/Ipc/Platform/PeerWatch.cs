using System.Diagnostics;
using Samovar.Ipc.Platform.Linux;
using Samovar.Ipc.Platform.Portable;
using Samovar.Primitives;

namespace Samovar.Ipc.Platform;

/// <summary>Reports the exit of processes that are not children, at once. One thread serves all watches; it is created for the first.</summary>
internal abstract class PeerWatch
{
    private static readonly Lazy<PeerWatch> s_linux = new(static () => OperatingSystem.IsLinux() ? new LinuxPeerWatch() : new PortablePeerWatch());
    private static readonly Lazy<PeerWatch> s_portable = new(static () => new PortablePeerWatch());

    private readonly Lock _gate = new();
    private readonly Dictionary<ProcessIdentity, List<Subscription>> _watched = [];

    public static PeerWatch Of(ChannelKind kind) => kind == ChannelKind.Portable ? s_portable.Value : s_linux.Value;

    /// <summary>The number of watched processes.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _watched.Count;
        }
    }

    /// <summary>Calls back once, on the watch's thread, when the process has exited, or soon if it has exited already.</summary>
    /// <param name="process">The process to watch.</param>
    /// <param name="ended">The callback: quick, and not user code. It is never called after the watch was disposed.</param>
    /// <returns>The watch. Disposing it stops the watch, and waits for a callback in progress, except on the callback's thread.</returns>
    /// <exception cref="IOException">No descriptor or thread is available.</exception>
    public IDisposable Watch(ProcessIdentity process, Action ended)
    {
        var subscription = new Subscription(this, process, ended);
        lock (_gate)
        {
            if (!_watched.TryGetValue(process, out List<Subscription>? subscriptions))
            {
                BeginLocked(process);
                _watched.Add(process, subscriptions = []);
            }

            subscriptions.Add(subscription);
            CheckInvariantsLocked(process);
        }

        return subscription;
    }

    /// <summary>Starts to watch a process.</summary>
    protected abstract void BeginLocked(ProcessIdentity process);

    /// <summary>Stops watching a living process.</summary>
    protected abstract void EndLocked(ProcessIdentity process);

    /// <summary>Called on the watch's thread when a process has exited.</summary>
    protected void Ended(ProcessIdentity process)
    {
        List<Subscription>? subscriptions;
        lock (_gate) _watched.Remove(process, out subscriptions);
        foreach (Subscription subscription in subscriptions ?? []) subscription.Invoke();
    }

    private void Remove(Subscription subscription)
    {
        using (_gate.HoldRegardless())
        {
            if (!_watched.TryGetValue(subscription.Process, out List<Subscription>? subscriptions) || !subscriptions.Remove(subscription))
                return;
            if (subscriptions.Count == 0)
            {
                _watched.Remove(subscription.Process);
                EndLocked(subscription.Process);
            }

            CheckInvariantsLocked(subscription.Process);
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked(ProcessIdentity process)
    {
        Debug.Assert(!_watched.TryGetValue(process, out var subscriptions) || subscriptions.Count > 0, "a watched process has a subscription");
    }

    private sealed class Subscription(PeerWatch watch, ProcessIdentity process, Action ended) : IDisposable
    {
        private readonly Lock _call = new();
        private bool _isOver;

        public ProcessIdentity Process => process;

        public void Invoke()
        {
            lock (_call)
            {
                if (_isOver) return;
                _isOver = true;
                ended();
            }
        }

        public void Dispose()
        {
            using (_call.HoldRegardless()) _isOver = true;
            watch.Remove(this);
        }
    }
}
