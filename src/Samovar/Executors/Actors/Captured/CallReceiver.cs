using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Samovar.Executors.Actors.Captured;

/// <summary>Makes the calls of the proxies of an actor, in the process that created it, and answers them. Thread-safe.</summary>
/// <remarks>A call whose caller is gone is made nevertheless: the caller may not wait for it. Its answer is dropped.</remarks>
[UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Actors are sent only by code that is annotated.")]
internal sealed class CallReceiver<T>(Actor<T> actor)
    where T : class
{
    private readonly PartialMessages _parts = new();
    private readonly ConcurrentDictionary<long, Future> _running = [];

    /// <summary>Called for one message of a proxy at a time, in order.</summary>
    public void Receive(object? message, Action<object?> reply)
    {
        if (_parts.Add(CallMessage.Read(message)) is not { } whole) return;
        if (whole.Kind == CallMessageKind.Call) Begin(whole, reply);
        else if (_running.TryGetValue(whole.Number, out var call)) call.Cancel();
    }

    private void Begin(CallMessage message, Action<object?> reply)
    {
        try
        {
            var call = CallContent.Read<CapturedCall<T>>(message.Body.Span);
            var future = call.On(actor.Access);
            _running[message.Number] = future;
            _ = AnswerAsync(message.Number, call, future, reply);
        }
        catch (Exception error)
        {
            Fail(message.Number, error, reply); // refused: the caller gets the reason
        }
    }

    private async Task AnswerAsync(long number, CapturedCall<T> call, Future future, Action<object?> reply)
    {
        await Futures.WaitAsync([future]).ConfigureAwait(false);
        _running.TryRemove(number, out _);
        try
        {
            if (future.State == FutureState.Succeeded) CallMessage.Send(reply, CallMessageKind.Succeeded, number, call.ResultOf(future));
            else if (future.State == FutureState.Canceled) CallMessage.Send(reply, CallMessageKind.Canceled, number, []);
            else Fail(number, future.Exception!, reply);
        }
        catch (Exception error)
        {
            Fail(number, error, reply); // the result cannot be sent
        }
    }

    private static void Fail(long number, Exception error, Action<object?> reply) => CallMessage.Send(reply, CallMessageKind.Failed, number, CallContent.WriteError(error));
}
