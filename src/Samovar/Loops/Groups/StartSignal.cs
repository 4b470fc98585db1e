namespace Samovar;

/// <summary>Lets a task of a group report that it is ready: see <see cref="TaskGroup.StartAsync"/>.</summary>
public sealed class StartSignal
{
    private readonly StartSignal<bool> _inner;

    internal StartSignal(StartSignal<bool> inner) => _inner = inner;

    /// <summary>Reports that the task is ready, so that its starter continues.</summary>
    /// <exception cref="InvalidOperationException">The task has already reported that it is ready.</exception>
    public void Ready() => _inner.Ready(true);
}
