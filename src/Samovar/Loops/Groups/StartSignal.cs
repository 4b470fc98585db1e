namespace Samovar;

/// <summary>With it a task of a group says that it is ready: see <see cref="TaskGroup.StartAsync"/>.</summary>
public sealed class StartSignal
{
    private readonly StartSignal<bool> _inner;

    internal StartSignal(StartSignal<bool> inner) => _inner = inner;

    /// <summary>Says that the task is ready, so that whoever started it goes on.</summary>
    /// <exception cref="InvalidOperationException">It was said before.</exception>
    public void Ready() => _inner.Ready(true);
}
