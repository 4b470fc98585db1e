namespace Samovar.Ipc;

/// <summary>The reason why a shared object could not be created or opened.</summary>
public enum SharedObjectFault
{
    /// <summary>A living process holds another object of that name.</summary>
    NameTaken = 0,

    /// <summary>No living process holds the object: it never existed, or its last holder has released it or exited.</summary>
    NotFound = 1,

    /// <summary>The object is of another kind, or its elements are of another type.</summary>
    TypeMismatch = 2,

    /// <summary>The object was created by another version of Samovar.</summary>
    VersionMismatch = 3,

    /// <summary>Memory, disk space, descriptors or another limit is exhausted, or the operating system refused.</summary>
    Refused = 4,

    /// <summary>The object is used by as many processes as it was created for.</summary>
    TooManyProcesses = 5,
}
