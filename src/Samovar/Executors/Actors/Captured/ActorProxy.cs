using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Samovar.Serialization;
using Samovar.Tasks.Core;

namespace Samovar.Executors.Actors.Captured;

/// <summary>An actor in another process than the one that created it: sends calls there and completes them with the answers. Thread-safe.</summary>
/// <remarks>Valid until the work that captured the actor has completed: then its port closes.</remarks>
[UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Actors are sent only by code that is annotated.")]
internal sealed class ActorProxy<T> : IActorAccess<T>, IDisposable
    where T : class
{
    private readonly ProxyCore _core;
    private readonly PartialMessages _parts = new();
    private readonly ConcurrentDictionary<long, PendingCall> _pending = [];
    private long _lastNumber = Random.Shared.NextInt64(); // several workers may have proxies of one port
    private LivePort? _port;
    private bool _isClosed;

    public ActorProxy(ActorOrigin origin)
    {
        Origin = origin;
        _core = new ProxyCore($"{origin.Executor}/{origin.Name}");
    }

    public ActorOrigin Origin { get; }

    public string Name => Origin.Name;

    public string ExecutorName => Origin.Executor;

    public long Key => Origin.Key;

    /// <summary>Sets the port. Called once, before the proxy is used.</summary>
    public void Attach(LivePort port)
    {
        _port = port;
        port.Own(this);
    }

    public Future Call(Delegate call, DelegateKind kind, TaskOptions? options)
    {
        var pending = Prepare<None>(options, (name, timeout) => new CapturedAction<T>(call, kind, name, timeout), call);
        var future = new DelegateFuture(_core, (Func<CancellationToken, Task>)pending.RunAsync, DelegateKind.AsynchronousWithToken, Own(options), _core.Admit(options));
        return Accept(future, pending);
    }

    public Future<TResult> Call<TResult>(Delegate call, DelegateKind kind, TaskOptions? options)
    {
        var pending = Prepare<TResult>(options, (name, timeout) => new CapturedFunction<T, TResult>(call, kind, name, timeout), call);
        var future = new DelegateFuture<TResult>(_core, (Func<CancellationToken, Task<TResult>>)pending.RunAsync, DelegateKind.AsynchronousWithToken, Own(options), _core.Admit(options));
        return Accept(future, pending);
    }

    public Task DrainAsync(CancellationToken cancellationToken) => throw OnlyWhereItWasCreated(nameof(DrainAsync));

    public ActorStatistics GetStatistics() => throw OnlyWhereItWasCreated(nameof(GetStatistics));

    public Task DisposeAsync() => throw OnlyWhereItWasCreated(nameof(DisposeAsync));

    public InvalidOperationException OnlyWhereItWasCreated(string member) => new(
        $"{member} of actor '{Name}' was used in another process than the one that created it, where only its calls can be used. " +
        $"Use {member} in the program that created the actor.");

    /// <summary>Called with each message of the actor.</summary>
    public void Receive(object? message)
    {
        var part = CallMessage.Read(message);
        if (!_pending.ContainsKey(part.Number)) return; // of another worker's proxy
        if (_parts.Add(part) is { } answer && _pending.TryRemove(part.Number, out var call)) call.Answer(answer);
    }

    /// <summary>Called when the port has closed: no answer comes any more. Calls that were made continue in the actor.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _isClosed, true); // SYNC: proxy closed
        foreach (long number in _pending.Keys)
        {
            if (_pending.TryRemove(number, out var call)) call.Abandon();
        }
    }

    private PendingCall<TResult> Prepare<TResult>(TaskOptions? options, Func<string?, TimeSpan?, CapturedCall<T>> create, Delegate call)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (options is not null) CallRules.Check(options, Name, ExecutorName);
        if (options?.Progress is not null)
            throw new ArgumentException($"A call of actor '{Name}' from another process reports no progress there. Pass an IProgress<T> to the actor in the program that created it.", nameof(options));
        if (RunsThisActor()) throw CallRules.InOwnCall(Name, ExecutorName, "was called");
        byte[] body = CallContent.Write(create(options?.Name, options?.Timeout));
        return new PendingCall<TResult>(this, Interlocked.Increment(ref _lastNumber), body);
    }

    /// <summary>Whether the calling code is a call of this actor, in its worker.</summary>
    private bool RunsThisActor() =>
        RunningTask.Current is { IsCompleted: false } task && string.Equals(task.Core.Name, _core.Name, StringComparison.Ordinal) && ActorInstances.Has(Key);

    /// <summary>The options of the call in this process: the actor applies the timeout.</summary>
    private static TaskOptions? Own(TaskOptions? options) => options is null ? null : options with { Timeout = null };

    private TFuture Accept<TFuture>(TFuture future, PendingCall pending)
        where TFuture : Future
    {
        pending.Future = future;
        _core.Accept(future);
        return future;
    }

    private void Send(CallMessageKind kind, long number, byte[] body) => CallMessage.Send(_port!.Send, kind, number, body);

    private ObjectDisposedException Closed() => new(
        Name, $"Actor '{Name}' of '{ExecutorName}' was called through a copy that belongs to a task which has completed. Call it in the task that captured it.");

    private readonly record struct None;

    /// <summary>A call that is not answered yet.</summary>
    private abstract class PendingCall
    {
        /// <summary>The future of the call; set before the call is sent.</summary>
        public Future? Future { get; set; }

        public abstract void Answer(CallMessage answer);

        public abstract void Abandon();
    }

    private sealed class PendingCall<TResult>(ActorProxy<T> proxy, long number, byte[] body) : PendingCall
    {
        private readonly TaskCompletionSource<CallMessage> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Sends the call, and waits for its answer.</summary>
        public async Task<TResult> RunAsync(CancellationToken token)
        {
            proxy._pending[number] = this;

            // SYNC: proxy closed. The call is pending, then the flag is read; closing sets the flag, then looks for pending calls.
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref proxy._isClosed) && proxy._pending.TryRemove(number, out _)) throw proxy.Closed();
            proxy.Send(CallMessageKind.Call, number, body);
            using var cancelled = token.UnsafeRegister(static call => ((PendingCall<TResult>)call!).Cancel(), this);
            var answer = await _answer.Task.ConfigureAwait(false);
            return answer.Kind switch
            {
                CallMessageKind.Succeeded => typeof(TResult) == typeof(None) ? default! : CallContent.Read<TResult>(answer.Body.Span),
                CallMessageKind.Failed => throw CallContent.Read<Exception>(answer.Body.Span),
                _ => throw new OperationCanceledException($"The call of actor '{proxy.Name}' was cancelled.", token),
            };
        }

        public override void Answer(CallMessage answer) => _answer.TrySetResult(answer);

        public override void Abandon()
        {
            Future!.Cancel(); // no error that is reported if nothing waits for the call
            _answer.TrySetResult(new CallMessage(CallMessageKind.Canceled, IsLast: true, number, default));
        }

        private void Cancel() => proxy.Send(CallMessageKind.Cancel, number, []);
    }
}
