namespace Samovar.Tasks.Inputs;

/// <summary>A task that waits for its inputs, whatever the type of its result.</summary>
internal interface IDependentTask
{
    /// <summary>Whether any thread may queue the task: the executor neither serializes nor runs a task when it is queued.</summary>
    bool IsQueuedAnywhere { get; }

    /// <summary>Called once, when all inputs have succeeded.</summary>
    void InputsArrived();

    /// <summary>Called once, when an input has failed or was cancelled. Must be quick and not throw.</summary>
    void InputFailed(Future input);
}
