namespace Samovar.Tasks.Completions;

/// <summary>A continuation that runs in the execution context in which it was registered, for awaiters whose caller does not flow the
/// context.</summary>
internal static class FlowingContinuation
{
    public static Action Wrap(Action continuation) =>
        ExecutionContext.Capture() is { } context
            ? () => ExecutionContext.Run(context, static state => ((Action)state!)(), continuation)
            : continuation;
}
