namespace Samovar.Ipc;

/// <summary>Why a shared object could not be made or opened.</summary>
public enum SharedObjectFault
{
    /// <summary>A living process holds another object of that name.</summary>
    NameTaken = 0,

    /// <summary>No living process holds it: it has never been, or has gone with its last process.</summary>
    NotFound = 1,

    /// <summary>It is another kind of object, or its elements are of another type.</summary>
    TypeMismatch = 2,

    /// <summary>It was made by another version of Samovar.</summary>
    VersionMismatch = 3,

    /// <summary>Memory, disk space, descriptors or a limit is exhausted, or the system has refused.</summary>
    Refused = 4,

    /// <summary>As many processes as it was made for take part in it already.</summary>
    TooManyProcesses = 5,
}
