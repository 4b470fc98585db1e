namespace Samovar.Tasks.Completions;

/// <summary>A continuation that runs in the execution context it was given in, for awaiters whose caller does not flow it.</summary>
internal static class FlowingContinuation
{
    public static Action Wrap(Action continuation) =>
        ExecutionContext.Capture() is { } context
            ? () => ExecutionContext.Run(context, static state => ((Action)state!)(), continuation)
            : continuation;
}
