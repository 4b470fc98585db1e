namespace Samovar.Tests.Testing;

/// <summary>Blocks callers until it is opened; stays open from then on.</summary>
public class Gate
{
    private readonly ManualResetEventSlim _opened = new();
    private readonly TaskCompletionSource _whenOpened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public virtual bool IsOpen => _opened.IsSet;

    public virtual void Open()
    {
        _opened.Set();
        _whenOpened.TrySetResult();
    }

    /// <summary>Blocks until the gate is open or the token trips.</summary>
    public virtual void Pass(CancellationToken cancellationToken = default)
    {
        if (!_opened.Wait(TestTimeout.Wait, cancellationToken)) throw new TimeoutException("The gate was not opened in time.");
    }

    public virtual Task PassAsync(CancellationToken cancellationToken = default) => _whenOpened.Task.WaitAsync(TestTimeout.Wait, cancellationToken);
}
