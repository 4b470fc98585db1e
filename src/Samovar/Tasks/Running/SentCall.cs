using System.Runtime.ExceptionServices;

namespace Samovar.Tasks.Running;

/// <summary>A <see cref="SynchronizationContext.Send"/> from another thread: runs where it was posted, its error is thrown at the sender.</summary>
internal sealed class SentCall(SendOrPostCallback callback, object? state)
{
    public static readonly SendOrPostCallback Callback = static self => ((SentCall)self!).Run();

    private readonly ManualResetEventSlim _done = new();
    private ExceptionDispatchInfo? _error;

    public void Join()
    {
        _done.Wait();
        _error?.Throw();
    }

    private void Run()
    {
        try
        {
            callback(state);
        }
        catch (Exception error)
        {
            // Thrown again where the call was sent from.
            _error = ExceptionDispatchInfo.Capture(error);
        }
        finally
        {
            _done.Set();
        }
    }
}
