namespace Samovar.Serialization;

/// <summary>What an envelope carries.</summary>
public enum EnvelopeKind : byte
{
    /// <summary>Nothing; never sent.</summary>
    None = 0,

    /// <summary>A block of definitions for the messages that follow.</summary>
    Definitions = 1,

    /// <summary>A task to run.</summary>
    Task = 2,

    /// <summary>What a task returned.</summary>
    Result = 3,

    /// <summary>The exception with which a task ended.</summary>
    Failure = 4,

    /// <summary>A task gave up because it was asked to.</summary>
    Canceled = 5,

    /// <summary>A task began to run.</summary>
    Started = 6,

    /// <summary>A message through the port of a live value.</summary>
    Port = 7,

    /// <summary>The port of a live value was closed.</summary>
    PortClosed = 8,

    /// <summary>A request to the other side that concerns no task, such as to stop.</summary>
    Control = 9,
}
