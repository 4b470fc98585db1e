using System.Diagnostics.CodeAnalysis;
using Samovar.Serialization;
using Samovar.Tasks.Core;

namespace Samovar.Executors.Actors.Captured;

/// <summary>A call that a proxy sends to its actor.</summary>
/// <param name="call">The delegate.</param>
/// <param name="kind">What the delegate takes and returns.</param>
/// <param name="name">The name of the call; null for none.</param>
/// <param name="timeout">Its timeout; null for the actor's.</param>
internal abstract class CapturedCall<T>(Delegate call, DelegateKind kind, string? name, TimeSpan? timeout)
    where T : class
{
    protected Delegate Delegate => call;

    protected DelegateKind Kind => kind;

    protected TaskOptions Options => new() { Name = name, Timeout = timeout };

    /// <summary>Makes the call.</summary>
    public abstract Future On(IActorAccess<T> actor);

    /// <summary>Serializes the result of a call that has succeeded.</summary>
    /// <exception cref="UnshippableException">The result cannot be sent to another process.</exception>
    public abstract byte[] ResultOf(Future call);
}

/// <summary>A call without a result that a proxy sends to its actor.</summary>
internal sealed class CapturedAction<T>(Delegate call, DelegateKind kind, string? name, TimeSpan? timeout) : CapturedCall<T>(call, kind, name, timeout)
    where T : class
{
    public override Future On(IActorAccess<T> actor) => actor.Call(Delegate, Kind, Options);

    public override byte[] ResultOf(Future call) => [];
}

/// <summary>A call with a result that a proxy sends to its actor.</summary>
[UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Actors are sent only by code that is annotated.")]
internal sealed class CapturedFunction<T, TResult>(Delegate call, DelegateKind kind, string? name, TimeSpan? timeout) : CapturedCall<T>(call, kind, name, timeout)
    where T : class
{
    public override Future On(IActorAccess<T> actor) => actor.Call<TResult>(Delegate, Kind, Options);

    public override byte[] ResultOf(Future call) => CallContent.Write(((Future<TResult>)call).Result);
}
