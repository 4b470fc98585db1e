using Samovar.Loops.Inspection;

namespace Samovar.Loops.Scopes;

/// <summary>The ambient state of the running code. A task of a group is its own frame, so that it needs no other object.</summary>
internal interface IAmbientFrame
{
    /// <summary>The nearest scope, whose cancellation and deadline apply to the code.</summary>
    CancelScope? Scope { get; }

    /// <summary>The task of a group that the code belongs to; null outside any group.</summary>
    IInspected? Task { get; }

    /// <summary>Counts a wait that was refused because the scope is cancelled. From any thread.</summary>
    int CountRefusal();
}
