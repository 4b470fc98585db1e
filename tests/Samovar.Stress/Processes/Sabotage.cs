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

    /// <summary>An answer too short for its header.</summary>
    ShortAnswer,

    /// <summary>An answer to a task that it never had.</summary>
    AnswerToNoTask,

    /// <summary>An answer that names a slot beyond the last.</summary>
    AnswerBeyondTheSlots,

    /// <summary>An answer to its own task whose body is noise; the real one follows.</summary>
    AnswerOfNoise,

    /// <summary>An answer to its own task that says that there are shared objects behind it, more than it has bytes.</summary>
    AnswerOfSharedNonsense,

    /// <summary>An answer to its own task after it has marked it as not begun.</summary>
    AnswerToUnbegun,

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

    /// <summary>It has given back what it was never sent.</summary>
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
