namespace Samovar.Loops.Inspection;

/// <summary>A state machine that no compiler made, whose fields are not named as a compiler's are: it says itself what it awaits.</summary>
internal interface IOwnStateMachine
{
    /// <summary>What it awaits; null while it awaits nothing.</summary>
    Task? Work { get; }
}
