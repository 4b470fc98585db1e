namespace Samovar.Stress.Processes;

/// <summary>What a hostile or broken worker writes into its own channel.</summary>
public enum Sabotage
{
    /// <summary>A record longer than any.</summary>
    ImpossibleLength,

    /// <summary>A record of a kind that there is not.</summary>
    UnknownKind,

    /// <summary>A record with a tag that means nothing.</summary>
    UnknownTag,

    /// <summary>A result too short for its header.</summary>
    ShortResult,

    /// <summary>A result for a task that it never had.</summary>
    ResultForNoTask,

    /// <summary>A result that names a slot beyond the last.</summary>
    ResultBeyondTheSlots,

    /// <summary>A result for its own task whose body is noise; the real one follows.</summary>
    ResultOfNoise,

    /// <summary>A result for its own task that says that there are shared objects behind it, more than it has bytes.</summary>
    ResultOfSharedNonsense,

    /// <summary>A result for its own task after it has marked it as not begun.</summary>
    ResultForUnbegun,

    /// <summary>It says that it has read the body of a task, which it has marked as not begun.</summary>
    BodyReadOfUnbegun,

    /// <summary>A reference to a large message that is not there.</summary>
    LargeFromNowhere,

    /// <summary>A reference to a large message of a tebibyte.</summary>
    LargeBeyondMemory,

    /// <summary>Definitions of noise.</summary>
    DefinitionsOfNoise,

    /// <summary>Its own slot holds what no transition makes.</summary>
    ImpossibleSlot,

    /// <summary>Returns a task that it was never sent.</summary>
    ImpossiblePosition,

    /// <summary>Its doorbell says that it does not sleep.</summary>
    SilentBell,

    /// <summary>Noise in the result ring.</summary>
    NoiseInResults,

    /// <summary>Noise in the slots.</summary>
    NoiseInSlots,

    /// <summary>Noise in the header.</summary>
    NoiseInHeader,

    /// <summary>Noise everywhere.</summary>
    NoiseEverywhere,

    /// <summary>A sound record of any tag with noise in it.</summary>
    RecordOfNoise,

    /// <summary>A sound record of any tag about its own task, and noise behind that.</summary>
    RecordAboutItself,

    /// <summary>The slot of a task that it has not begun says that the task was taken back.</summary>
    NextTakenBack,

    /// <summary>The slot of a task that it has not begun says that it has, so that it passes the task over.</summary>
    NextBegun,
}
