using System.Runtime.ExceptionServices;

namespace Samovar.Tasks.Running;

/// <summary>A <see cref="SynchronizationContext.Send"/> from another thread: it runs where it was posted, and its error is thrown at the
/// sender.</summary>
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
            // Rethrown on the thread that sent the call.
            _error = ExceptionDispatchInfo.Capture(error);
        }
        finally
        {
            _done.Set();
        }
    }
}
